// What a kernel's own source needs to be compiled for the processor, one thread at a time. For kernels without barriers.
#pragma once

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

#include "lanes.h"

struct float3 { float x, y, z; };
struct float4 { float x, y, z, w; };
struct uint3 { u32 x, y, z; };
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }

static uint3 threadIdx, blockIdx, blockDim, gridDim;

static inline float sqrtf(float x) { return __builtin_sqrtf(x); }
static inline float fabsf(float x) { return __builtin_fabsf(x); }
static inline float floorf(float x) { return __builtin_floorf(x); }
static inline float fminf(float x, float y) { return y < x ? y : x; }
static inline float fmaxf(float x, float y) { return x < y ? y : x; }
