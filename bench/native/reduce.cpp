#include "lanes.h"

struct Arguments {
    float *sums;
    const float *values;
    u32 n, blocks;
};

// The sums of the kernel's 256 threads, in registers, added in its order. n is a multiple of 256.
extern "C" void run(const Arguments *arguments) {
    constexpr u32 Threads = 256, Vectors = Threads / Lanes;
    auto [sums, values, n, blocks] = *arguments;
    for (u32 block = 0; block < blocks; block++) {
        vf parts[Vectors] = {};
        for (u32 i = block * Threads; i < n; i += blocks * Threads)
            for (u32 v = 0; v < Vectors; v++) parts[v] += load<vf>(values + i + v * Lanes);
        for (u32 half = Vectors / 2; half > 0; half /= 2)
            for (u32 v = 0; v < half; v++) parts[v] += parts[v + half];
        for (u32 half = Lanes / 2; half > 0; half /= 2)
            for (u32 lane = 0; lane < half; lane++) parts[0][lane] += parts[0][lane + half];
        sums[block] = parts[0][0];
    }
}
