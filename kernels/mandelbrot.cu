#include <cuda_runtime.h>

// How many steps of z = z * z + c stay within radius 2, at most limit, for each pixel of a row-major image.
extern "C" __global__ void mandelbrot(unsigned *iterations, unsigned width, unsigned height,
                                      float left, float top, float step, unsigned limit) {
    unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned row = blockIdx.y * blockDim.y + threadIdx.y;
    if (column >= width || row >= height) return;

    float cx = left + column * step, cy = top - row * step;
    float x = 0, y = 0;
    unsigned count = 0;
    while (count < limit && x * x + y * y <= 4.0f) {
        float next = x * x - y * y + cx;
        y = 2.0f * x * y + cy;
        x = next;
        count++;
    }
    iterations[row * width + column] = count;
}
