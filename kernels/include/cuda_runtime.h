// What a CUDA C source needs when clang compiles it and there is no CUDA toolkit. nvcc never sees this file: it has its own.
#pragma once

#ifndef __CUDA__
#error "This cuda_runtime.h is for clang -x cuda; with nvcc, leave this folder out of the include path."
#endif

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))

#include "vector_types.h"

#include <__clang_cuda_builtin_vars.h>

// clang declares these conversions and leaves them to whoever defines dim3.
#define BROKER_INDEX_CONVERSIONS(variable)                                                                       \
    __device__ inline __cuda_builtin_##variable##_t::operator dim3() const { return dim3(x, y, z); }              \
    __device__ inline __cuda_builtin_##variable##_t::operator uint3() const { return uint3{x, y, z}; }
BROKER_INDEX_CONVERSIONS(threadIdx)
BROKER_INDEX_CONVERSIONS(blockIdx)
BROKER_INDEX_CONVERSIONS(blockDim)
BROKER_INDEX_CONVERSIONS(gridDim)
#undef BROKER_INDEX_CONVERSIONS

// __syncthreads is a builtin of clang.
static __device__ __forceinline__ void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
static __device__ __forceinline__ int __syncthreads_count(int p) { return __nvvm_bar0_popc(p); }
static __device__ __forceinline__ int __syncthreads_and(int p) { return __nvvm_bar0_and(p); }
static __device__ __forceinline__ int __syncthreads_or(int p) { return __nvvm_bar0_or(p); }
static __device__ __forceinline__ void __threadfence() { __nvvm_membar_gl(); }
static __device__ __forceinline__ void __threadfence_block() { __nvvm_membar_cta(); }
static __device__ __forceinline__ void __threadfence_system() { __nvvm_membar_sys(); }

// clang lowers it to vprintf.
extern "C" __device__ int printf(const char *format, ...);

// A hint to load through the read-only cache; clang makes that out by itself.
template <typename T>
static __device__ __forceinline__ T __ldg(const T *address) { return *address; }

#include "device_atomic_functions.h"
#include "math_functions.h"
#include "integer_functions.h"
#include "warp_functions.h"
