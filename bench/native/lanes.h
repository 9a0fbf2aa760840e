// Vectors of 64 bytes, which clang lowers to whatever the processor has.
#pragma once

typedef unsigned char u8;
typedef unsigned u32;
typedef unsigned long long u64;

constexpr u32 Lanes = 16;
typedef float vf __attribute__((vector_size(64)));
typedef int vi __attribute__((vector_size(64)));
typedef unsigned vu __attribute__((vector_size(64)));

template <typename V, typename T>
static inline V load(const T *from) {
    V value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

template <typename V, typename T>
static inline void store(T *to, V value) {
    __builtin_memcpy(to, &value, sizeof value);
}

static inline vf fma(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
static inline bool any(vi mask) { return __builtin_reduce_or(mask) != 0; }
