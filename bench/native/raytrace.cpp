// The kernel's own source, a pixel at a time: its branches leave nothing that clang could vectorise.
#include "../../kernels/raytrace.cu"

struct Arguments {
    u32 *pixels;
    const Sphere *spheres;
    u32 count, width, height;
};

extern "C" void run(const Arguments *arguments) {
    auto [pixels, spheres, count, width, height] = *arguments;
    blockDim = {1, 1, 1};
    for (blockIdx.y = 0; blockIdx.y < height; blockIdx.y++)
        for (blockIdx.x = 0; blockIdx.x < width; blockIdx.x++) render(pixels, spheres, count, width, height);
}
