// Math that is one IEEE-exact instruction, so that every device gives the same bits. What CUDA's libm approximates is left out on purpose.
#pragma once

#define BROKER_UNARY(name, T, builtin) static __device__ __forceinline__ T name(T x) { return builtin(x); }
#define BROKER_BINARY(name, T, builtin) static __device__ __forceinline__ T name(T x, T y) { return builtin(x, y); }

BROKER_UNARY(sqrtf, float, __nvvm_sqrt_rn_f)
BROKER_UNARY(sqrt, double, __nvvm_sqrt_rn_d)
BROKER_UNARY(fabsf, float, __builtin_fabsf)
BROKER_UNARY(fabs, double, __builtin_fabs)
BROKER_UNARY(floorf, float, __builtin_floorf)
BROKER_UNARY(floor, double, __builtin_floor)
BROKER_UNARY(ceilf, float, __builtin_ceilf)
BROKER_UNARY(ceil, double, __builtin_ceil)
BROKER_UNARY(truncf, float, __builtin_truncf)
BROKER_UNARY(trunc, double, __builtin_trunc)
BROKER_UNARY(rintf, float, __builtin_rintf)
BROKER_UNARY(rint, double, __builtin_rint)
BROKER_BINARY(fminf, float, __builtin_fminf)
BROKER_BINARY(fmin, double, __builtin_fmin)
BROKER_BINARY(fmaxf, float, __builtin_fmaxf)
BROKER_BINARY(fmax, double, __builtin_fmax)
BROKER_BINARY(copysignf, float, __builtin_copysignf)
BROKER_BINARY(copysign, double, __builtin_copysign)
#undef BROKER_UNARY
#undef BROKER_BINARY

static __device__ __forceinline__ float fmaf(float x, float y, float z) { return __nvvm_fma_rn_f(x, y, z); }
static __device__ __forceinline__ double fma(double x, double y, double z) { return __nvvm_fma_rn_d(x, y, z); }

#define BROKER_MIN_MAX(T)                                                                                        \
    static __device__ __forceinline__ T min(T x, T y) { return y < x ? y : x; }                                   \
    static __device__ __forceinline__ T max(T x, T y) { return x < y ? y : x; }
BROKER_MIN_MAX(int)
BROKER_MIN_MAX(unsigned)
BROKER_MIN_MAX(long long)
BROKER_MIN_MAX(unsigned long long)
#undef BROKER_MIN_MAX

static __device__ __forceinline__ float min(float x, float y) { return fminf(x, y); }
static __device__ __forceinline__ float max(float x, float y) { return fmaxf(x, y); }
static __device__ __forceinline__ double min(double x, double y) { return fmin(x, y); }
static __device__ __forceinline__ double max(double x, double y) { return fmax(x, y); }

static __device__ __forceinline__ int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
static __device__ __forceinline__ unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
static __device__ __forceinline__ float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
static __device__ __forceinline__ float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
static __device__ __forceinline__ int __popc(unsigned x) { return __builtin_popcount(x); }
static __device__ __forceinline__ int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
static __device__ __forceinline__ unsigned __umulhi(unsigned x, unsigned y) { return __nvvm_mulhi_ui(x, y); }
