// CUDA's built-in vectors, with the alignment that lets one ld.v2 or ld.v4 read them.
#pragma once

#define BROKER_VECTORS(T, name, align2, align4)                                                                  \
    struct __align__(align2) name##2 { T x, y; };                                                                 \
    struct name##3 { T x, y, z; };                                                                                \
    struct __align__(align4) name##4 { T x, y, z, w; };                                                           \
    static __host__ __device__ __forceinline__ name##2 make_##name##2(T x, T y) { return {x, y}; }                \
    static __host__ __device__ __forceinline__ name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }        \
    static __host__ __device__ __forceinline__ name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

BROKER_VECTORS(signed char, char, 2, 4)
BROKER_VECTORS(unsigned char, uchar, 2, 4)
BROKER_VECTORS(short, short, 4, 8)
BROKER_VECTORS(unsigned short, ushort, 4, 8)
BROKER_VECTORS(int, int, 8, 16)
BROKER_VECTORS(unsigned, uint, 8, 16)
BROKER_VECTORS(float, float, 8, 16)
BROKER_VECTORS(double, double, 16, 16)
#undef BROKER_VECTORS

struct dim3 {
    unsigned x, y, z;
    __host__ __device__ constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
