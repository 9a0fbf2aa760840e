// CUDA's math functions, so that every device gives the same bits: one instruction that IEEE 754 defines, or a function of
// exact_math.cuh where CUDA's own library differs from device to device. Of the functions that take a double only those are here that
// are one instruction; the others are refused by the compiler, since a float's precision would pass for a double's.
#pragma once

#include "exact_math.cuh"

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
BROKER_UNARY(nearbyintf, float, __builtin_rintf)
BROKER_UNARY(nearbyint, double, __builtin_rint)
BROKER_UNARY(sqrt, float, __nvvm_sqrt_rn_f)
BROKER_UNARY(fabs, float, __builtin_fabsf)
BROKER_UNARY(abs, float, __builtin_fabsf)
BROKER_UNARY(abs, double, __builtin_fabs)
BROKER_UNARY(floor, float, __builtin_floorf)
BROKER_UNARY(ceil, float, __builtin_ceilf)
BROKER_UNARY(trunc, float, __builtin_truncf)
BROKER_UNARY(rint, float, __builtin_rintf)
BROKER_UNARY(__saturatef, float, __nvvm_saturate_f)
BROKER_UNARY(__fsqrt_rn, float, __nvvm_sqrt_rn_f)
BROKER_UNARY(__frcp_rn, float, __nvvm_rcp_rn_f)
BROKER_BINARY(__fadd_rn, float, __nvvm_add_rn_f)
BROKER_BINARY(__fmul_rn, float, __nvvm_mul_rn_f)
BROKER_BINARY(__fdiv_rn, float, __nvvm_div_rn_f)
BROKER_BINARY(__dadd_rn, double, __nvvm_add_rn_d)
BROKER_BINARY(__dmul_rn, double, __nvvm_mul_rn_d)
#undef BROKER_UNARY
#undef BROKER_BINARY

#define BROKER_NOT_EXACT(instead)                                                                                \
    static __device__ __attribute__((unavailable("it has no version that is exact on every device; call " instead)))

// Each under CUDA's name for a float, its overload of the double's name, and the name that asks CUDA for speed.
#define BROKER_EXACT(name)                                                                                       \
    static __device__ __forceinline__ float name##f(float x) { return exact::name(x); }                           \
    static __device__ __forceinline__ float name(float x) { return exact::name(x); }                              \
    BROKER_NOT_EXACT(#name "f") double name(double);
#define BROKER_EXACT_FAST(name)                                                                                  \
    BROKER_EXACT(name)                                                                                            \
    static __device__ __forceinline__ float __##name##f(float x) { return exact::name(x); }
BROKER_EXACT_FAST(exp)
BROKER_EXACT_FAST(exp10)
BROKER_EXACT_FAST(log)
BROKER_EXACT_FAST(log2)
BROKER_EXACT_FAST(log10)
BROKER_EXACT_FAST(sin)
BROKER_EXACT_FAST(cos)
BROKER_EXACT_FAST(tan)
BROKER_EXACT_FAST(tanh)
BROKER_EXACT(exp2)
BROKER_EXACT(rsqrt)
BROKER_EXACT(erf)
#undef BROKER_EXACT_FAST
#undef BROKER_EXACT

static __device__ __forceinline__ float powf(float x, float y) { return exact::pow(x, y); }
static __device__ __forceinline__ float pow(float x, float y) { return exact::pow(x, y); }
BROKER_NOT_EXACT("powf") double pow(double, double);
#undef BROKER_NOT_EXACT
static __device__ __forceinline__ float __powf(float x, float y) { return exact::pow(x, y); }
static __device__ __forceinline__ float __fdividef(float x, float y) { return __nvvm_div_rn_f(x, y); }
static __device__ __forceinline__ float __frsqrt_rn(float x) { return exact::rsqrt(x); }
static __device__ __forceinline__ void sincosf(float x, float *sine, float *cosine) { *sine = exact::sin(x), *cosine = exact::cos(x); }
static __device__ __forceinline__ void __sincosf(float x, float *sine, float *cosine) { sincosf(x, sine, cosine); }

// Halves away from zero; x + 1/2 would round up what is just below a half.
static __device__ __forceinline__ float roundf(float x) {
    float whole = __builtin_truncf(x);
    return __builtin_fabsf(x - whole) >= 0.5f ? whole + __builtin_copysignf(1.0f, x) : __builtin_copysignf(whole, x);
}
static __device__ __forceinline__ float round(float x) { return roundf(x); }
static __device__ __forceinline__ float fdimf(float x, float y) { return x > y ? x - y : x <= y ? 0.0f : x + y; }
static __device__ __forceinline__ float ldexpf(float x, int n) {
    // Three steps, each a power of two that is a normal number; only the last may round.
    int step = n < -126 ? -126 : n > 127 ? 127 : n, rest = n - step;
    int second = rest < -126 ? -126 : rest > 127 ? 127 : rest, third = rest - second;
    third = third < -126 ? -126 : third > 127 ? 127 : third;
    // The small ones last, so that a result that is no normal number is rounded once.
    float large = __builtin_bit_cast(float, (step + 127) << 23), middle = __builtin_bit_cast(float, (second + 127) << 23);
    return x * __builtin_bit_cast(float, (third + 127) << 23) * middle * large;
}

static __device__ __forceinline__ bool isnan(float x) { return x != x; }
static __device__ __forceinline__ bool isnan(double x) { return x != x; }
static __device__ __forceinline__ bool isinf(float x) { return __builtin_fabsf(x) == __builtin_inff(); }
static __device__ __forceinline__ bool isinf(double x) { return __builtin_fabs(x) == __builtin_inf(); }
static __device__ __forceinline__ bool isfinite(float x) { return __builtin_fabsf(x) < __builtin_inff(); }
static __device__ __forceinline__ bool isfinite(double x) { return __builtin_fabs(x) < __builtin_inf(); }
static __device__ __forceinline__ bool signbit(float x) { return __builtin_bit_cast(int, x) < 0; }

static __device__ __forceinline__ float fmaf(float x, float y, float z) { return __nvvm_fma_rn_f(x, y, z); }
static __device__ __forceinline__ float fma(float x, float y, float z) { return __nvvm_fma_rn_f(x, y, z); }
static __device__ __forceinline__ double fma(double x, double y, double z) { return __nvvm_fma_rn_d(x, y, z); }
static __device__ __forceinline__ float __fmaf_rn(float x, float y, float z) { return __nvvm_fma_rn_f(x, y, z); }
static __device__ __forceinline__ double __fma_rn(double x, double y, double z) { return __nvvm_fma_rn_d(x, y, z); }
static __device__ __forceinline__ float __fsub_rn(float x, float y) { return __nvvm_add_rn_f(x, -y); }

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
