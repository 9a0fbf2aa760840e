// Sums that do not depend on the device: over a block in a fixed tree, over a grid in integers.
#pragma once

namespace exact {

// Combines one value of each of the block's Threads threads (a power of two), in pairs that lie half the block apart, then a quarter,
// and so on; every thread gets the result. The threads need `shared` to themselves until all have left.
template <unsigned Threads, typename T, typename Combine>
static __device__ __forceinline__ T block_combine(T *shared, unsigned thread, T value, Combine combine) {
    shared[thread] = value;
    __syncthreads();
#pragma unroll
    for (unsigned half = Threads / 2; half > 0; half /= 2) {
        if (thread < half) shared[thread] = combine(shared[thread], shared[thread + half]);
        __syncthreads();
    }
    T result = shared[0];
    __syncthreads();
    return result;
}

template <unsigned Threads, typename T>
static __device__ __forceinline__ T block_sum(T *shared, unsigned thread, T value) {
    return block_combine<Threads>(shared, thread, value, [](T a, T b) { return a + b; });
}

template <unsigned Threads>
static __device__ __forceinline__ float block_max(float *shared, unsigned thread, float value) {
    return block_combine<Threads>(shared, thread, value, [](float a, float b) { return fmaxf(a, b); });
}

// Integer addition commutes, so numbers summed in units of 2^-Bits may be added in any order, by atomics as well.
// Each is rounded once; the sum is exact while it stays within 2^(63 - Bits).
template <int Bits>
static __device__ __forceinline__ long long to_fixed(float x) {
    return __float2ll_rn(x * (float)(1ull << Bits));
}

template <int Bits>
static __device__ __forceinline__ float from_fixed(long long sum) {
    return __ll2float_rn(sum) * (1.0f / (float)(1ull << Bits));
}

template <int Bits>
static __device__ __forceinline__ void add_fixed(unsigned long long *total, float x) {
    atomicAdd(total, (unsigned long long)to_fixed<Bits>(x));
}

} // namespace exact
