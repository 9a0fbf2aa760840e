#include <cuda_runtime.h>

constexpr unsigned Tile = 16, Halo = Tile + 2;

// A 3 x 3 convolution with zeros around the image: in[channel][y][x], weights[filter][channel][3][3], out[filter][y][x].
// Blocks of 16 x 16 threads, grid (width / 16, height / 16, filters) rounded up.
extern "C" __global__ void __launch_bounds__(Tile *Tile)
    conv2d(float *out, const float *in, const float *weights, unsigned channels, unsigned width, unsigned height) {
    __shared__ float tile[Halo][Halo];
    unsigned x = blockIdx.x * Tile + threadIdx.x, y = blockIdx.y * Tile + threadIdx.y;
    float sum = 0;
    for (unsigned channel = 0; channel < channels; channel++) {
        for (unsigned ty = threadIdx.y; ty < Halo; ty += Tile)
            for (unsigned tx = threadIdx.x; tx < Halo; tx += Tile) {
                // Left of the image or above it, these wrap around and are past its end.
                unsigned ix = blockIdx.x * Tile + tx - 1, iy = blockIdx.y * Tile + ty - 1;
                tile[ty][tx] = ix < width && iy < height ? in[((unsigned long long)channel * height + iy) * width + ix] : 0.0f;
            }
        __syncthreads();
        const float *w = weights + ((unsigned long long)blockIdx.z * channels + channel) * 9;
#pragma unroll
        for (unsigned ky = 0; ky < 3; ky++)
#pragma unroll
            for (unsigned kx = 0; kx < 3; kx++) sum = fmaf(tile[threadIdx.y + ky][threadIdx.x + kx], w[ky * 3 + kx], sum);
        __syncthreads();
    }
    if (x < width && y < height) out[((unsigned long long)blockIdx.z * height + y) * width + x] = sum;
}
