#include <cuda_runtime.h>

constexpr unsigned Tile = 16;

// c[m x n] = a[m x k] * b[k x n], row-major. Blocks of 16 x 16 threads, grid (n / 16, m / 16) rounded up.
extern "C" __global__ void __launch_bounds__(Tile *Tile)
    sgemm(float *c, const float *a, const float *b, unsigned m, unsigned n, unsigned k) {
    __shared__ float left[Tile][Tile];
    __shared__ float right[Tile][Tile];
    unsigned x = threadIdx.x, y = threadIdx.y;
    unsigned column = blockIdx.x * Tile + x;
    unsigned row = blockIdx.y * Tile + y;
    float sum = 0;
    for (unsigned t = 0; t < k; t += Tile) {
        left[y][x] = row < m && t + x < k ? a[(unsigned long long)row * k + t + x] : 0.0f;
        right[y][x] = t + y < k && column < n ? b[(unsigned long long)(t + y) * n + column] : 0.0f;
        __syncthreads();
        for (unsigned i = 0; i < Tile; i++) sum = fmaf(left[y][i], right[i][x], sum);
        __syncthreads();
    }
    if (row < m && column < n) c[(unsigned long long)row * n + column] = sum;
}
