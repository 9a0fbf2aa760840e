#include "lanes.h"

struct Arguments {
    float *out;
    const float *in, *weights;
    u32 channels, width, height, filters;
};

// Four filters over two vectors of pixels at a time. The width is a multiple of 32, the filters of 4.
extern "C" void run(const Arguments *arguments) {
    constexpr u32 Filters = 4, Vectors = 2;
    auto [out, in, weights, channels, width, height, filters] = *arguments;
    u32 across = width + 2, down = height + 2;
    float *framed = new float[channels * across * down]();
    for (u32 channel = 0; channel < channels; channel++)
        for (u32 y = 0; y < height; y++)
            __builtin_memcpy(framed + (channel * down + y + 1) * across + 1, in + (channel * height + y) * width, width * sizeof(float));
    for (u32 filter = 0; filter < filters; filter += Filters)
        for (u32 y = 0; y < height; y++)
            for (u32 x = 0; x < width; x += Vectors * Lanes) {
                vf sums[Filters][Vectors] = {};
                for (u32 channel = 0; channel < channels; channel++) {
                    const float *pixels = framed + (channel * down + y) * across + x, *w = weights + (filter * channels + channel) * 9;
#pragma unroll
                    for (u32 tap = 0; tap < 9; tap++)
                        for (u32 v = 0; v < Vectors; v++) {
                            vf pixel = load<vf>(pixels + tap / 3 * across + tap % 3 + v * Lanes);
                            for (u32 f = 0; f < Filters; f++) sums[f][v] = fma(pixel, vf{} + w[f * channels * 9 + tap], sums[f][v]);
                        }
                }
                for (u32 f = 0; f < Filters; f++)
                    for (u32 v = 0; v < Vectors; v++) store(out + ((filter + f) * height + y) * width + x + v * Lanes, sums[f][v]);
            }
    delete[] framed;
}
