// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random words from a counter and a key.
// A thread needs no state, and block 17 draws the same numbers whichever device runs it, and whichever blocks ran before.
#pragma once

#include "exact_math.cuh"

namespace exact {

struct Words {
    unsigned x, y, z, w;
};

static __device__ __forceinline__ Words philox(Words counter, unsigned long long key) {
    unsigned low = (unsigned)key, high = (unsigned)(key >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned long long a = 0xd2511f53ull * counter.x, b = 0xcd9e8d57ull * counter.z;
        counter = {(unsigned)(b >> 32) ^ counter.y ^ low, (unsigned)b, (unsigned)(a >> 32) ^ counter.w ^ high, (unsigned)a};
        low += 0x9e3779b9u;
        high += 0xbb67ae85u;
    }
    return counter;
}

// A number in (0, 1): the middle of one of 2^23 equal parts, exact.
static __device__ __forceinline__ float uniform(unsigned word) { return __fmaf_rn((float)(word >> 9), 0x1p-23f, 0x1p-24f); }

// Two independent normal numbers, by Box and Muller.
static __device__ __forceinline__ float2 normal(unsigned a, unsigned b) {
    float radius = detail::root(detail::multiply(-2.0f, exact::log(uniform(a)))), angle = detail::multiply(uniform(b), 0x1.921fb6p+2f);
    return make_float2(detail::multiply(radius, exact::cos(angle)), detail::multiply(radius, exact::sin(angle)));
}

} // namespace exact
