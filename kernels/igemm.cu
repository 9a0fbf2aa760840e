#include <cuda_runtime.h>

constexpr unsigned Tile = 16;

// c[m x n] = a * b of signed bytes, four along k in a word: a is m rows of k / 4 words, b is n rows of k / 4, so transposed.
// Blocks of 16 x 16 threads, grid (n / 16, m / 16) rounded up.
extern "C" __global__ void __launch_bounds__(Tile *Tile) igemm(int *c, const int *a, const int *b, unsigned m, unsigned n, unsigned k) {
    __shared__ int left[Tile][Tile];
    __shared__ int right[Tile][Tile];
    unsigned x = threadIdx.x, y = threadIdx.y, words = k / 4;
    unsigned column = blockIdx.x * Tile + x, row = blockIdx.y * Tile + y;
    unsigned other = blockIdx.x * Tile + y; // the column whose words this thread loads
    int sum = 0;
    for (unsigned t = 0; t < words; t += Tile) {
        left[y][x] = row < m && t + x < words ? a[(unsigned long long)row * words + t + x] : 0;
        right[x][y] = other < n && t + x < words ? b[(unsigned long long)other * words + t + x] : 0;
        __syncthreads();
        for (unsigned i = 0; i < Tile; i++) sum = __dp4a(left[y][i], right[i][x], sum);
        __syncthreads();
    }
    if (row < m && column < n) c[(unsigned long long)row * n + column] = sum;
}
