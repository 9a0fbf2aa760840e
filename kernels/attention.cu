// One head of attention, softmax(Q K^T / sqrt(d)) V, all matrices n x 64 and row-major; one thread a query.
#include <cuda_runtime.h>

constexpr unsigned Depth = 64, Threads = 64, Tile = 32;

static __device__ float dot(const float *q, const float *k) {
    float sum = 0;
#pragma unroll
    for (unsigned d = 0; d < Depth; d++) sum = fmaf(q[d], k[d], sum);
    return sum * 0.125f;
}

// Three passes over the keys: the largest score, the weights' sum with the weighted values, the division.
extern "C" __global__ void __launch_bounds__(Threads)
    attention_naive(float *out, const float *queries, const float *keys, const float *values, unsigned n) {
    unsigned row = blockIdx.x * Threads + threadIdx.x;
    if (row >= n) return;
    float q[Depth], sums[Depth];
#pragma unroll
    for (unsigned d = 0; d < Depth; d++) q[d] = queries[row * Depth + d], sums[d] = 0;

    float most = -__builtin_inff();
    for (unsigned j = 0; j < n; j++) most = fmaxf(most, dot(q, keys + j * Depth));

    float total = 0;
    for (unsigned j = 0; j < n; j++) {
        float weight = expf(dot(q, keys + j * Depth) - most);
        total += weight;
#pragma unroll
        for (unsigned d = 0; d < Depth; d++) sums[d] = fmaf(weight, values[j * Depth + d], sums[d]);
    }
#pragma unroll
    for (unsigned d = 0; d < Depth; d++) out[row * Depth + d] = sums[d] / total;
}

// One pass, a tile of keys and values at a time in shared memory. What was summed is scaled down when a tile has a larger score. n is a
// multiple of 32.
extern "C" __global__ void __launch_bounds__(Threads)
    attention_tiled(float *out, const float *queries, const float *keys, const float *values, unsigned n) {
    __shared__ float k[Tile][Depth];
    __shared__ float v[Tile][Depth];
    unsigned thread = threadIdx.x, row = blockIdx.x * Threads + thread;
    float q[Depth], sums[Depth];
#pragma unroll
    for (unsigned d = 0; d < Depth; d++) q[d] = row < n ? queries[row * Depth + d] : 0.0f, sums[d] = 0;

    float most = -__builtin_inff(), total = 0;
    for (unsigned first = 0; first < n; first += Tile) {
        for (unsigned i = 0; i < Tile; i++) {
            k[i][thread] = keys[(first + i) * Depth + thread];
            v[i][thread] = values[(first + i) * Depth + thread];
        }
        __syncthreads();

        float scores[Tile], larger = most;
#pragma unroll 1
        for (unsigned i = 0; i < Tile; i++) {
            scores[i] = dot(q, k[i]);
            larger = fmaxf(larger, scores[i]);
        }
        float shrink = expf(most - larger);
        most = larger;
        total *= shrink;
#pragma unroll
        for (unsigned d = 0; d < Depth; d++) sums[d] *= shrink;

#pragma unroll 1
        for (unsigned i = 0; i < Tile; i++) {
            float weight = expf(scores[i] - most);
            total += weight;
#pragma unroll
            for (unsigned d = 0; d < Depth; d++) sums[d] = fmaf(weight, v[i][d], sums[d]);
        }
        __syncthreads();
    }
    if (row >= n) return;
#pragma unroll
    for (unsigned d = 0; d < Depth; d++) out[row * Depth + d] = sums[d] / total;
}
