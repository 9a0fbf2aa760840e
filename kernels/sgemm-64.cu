#include <cuda_runtime.h>

constexpr unsigned Side = 16, Each = 4, Tile = Side * Each, Depth = 16;

// c[m x n] = a[m x k] * b[k x n], row-major. Blocks of 16 x 16 threads, each with 4 x 4 sums in registers; grid (n / 64, m / 64) rounded up.
extern "C" __global__ void __launch_bounds__(Side *Side)
    sgemm(float *c, const float *a, const float *b, unsigned m, unsigned n, unsigned k) {
    __shared__ float left[Depth][Tile];
    __shared__ float right[Depth][Tile];
    unsigned x = threadIdx.x, y = threadIdx.y;
    unsigned row = blockIdx.y * Tile + y, column = blockIdx.x * Tile + x; // the first of four, 16 apart
    float sums[Each][Each] = {};
    for (unsigned t = 0; t < k; t += Depth) {
#pragma unroll
        for (unsigned i = 0; i < Each; i++) {
            unsigned r = row + i * Side, q = column + i * Side;
            left[x][y + i * Side] = r < m && t + x < k ? a[(unsigned long long)r * k + t + x] : 0.0f;
            right[y][x + i * Side] = t + y < k && q < n ? b[(unsigned long long)(t + y) * n + q] : 0.0f;
        }
        __syncthreads();
#pragma unroll 4
        for (unsigned d = 0; d < Depth; d++) {
#pragma unroll
            for (unsigned i = 0; i < Each; i++)
#pragma unroll
                for (unsigned j = 0; j < Each; j++) sums[i][j] = fmaf(left[d][y + i * Side], right[d][x + j * Side], sums[i][j]);
        }
        __syncthreads();
    }
#pragma unroll
    for (unsigned i = 0; i < Each; i++)
#pragma unroll
        for (unsigned j = 0; j < Each; j++)
            if (row + i * Side < m && column + j * Side < n) c[(unsigned long long)(row + i * Side) * n + column + j * Side] = sums[i][j];
}
