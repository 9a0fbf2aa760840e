#include "lanes.h"

struct Arguments {
    u32 *scan, *offsets, *sums, *total;
    const u32 *values;
    u32 n;
};

// In a vector each lane gets its neighbour's, then that of two before it, of four, of eight. n is a multiple of 1024.
extern "C" void run(const Arguments *arguments) {
    constexpr u32 Block = 1024;
    auto [scan, offsets, sums, total, values, n] = *arguments;
    u32 before = 0;
    for (u32 first = 0; first < n; first += Block) {
        u32 start = before;
        for (u32 i = first; i < first + Block; i += Lanes) {
            vu v = load<vu>(values + i), zero = {};
            v += __builtin_shufflevector(zero, v, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
            v += __builtin_shufflevector(zero, v, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
            v += __builtin_shufflevector(zero, v, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
            v += __builtin_shufflevector(zero, v, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23);
            store(scan + i, v + before);
            before += v[Lanes - 1];
        }
        sums[first / Block] = before - start;
        offsets[first / Block] = before;
    }
    *total = before;
}
