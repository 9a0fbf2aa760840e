#include "lanes.h"

struct Arguments {
    u32 *bins;
    const u8 *bytes;
    u32 n;
};

// Eight tables, so that equal neighbours do not wait for each other. n is a multiple of 8.
extern "C" void run(const Arguments *arguments) {
    auto [bins, bytes, n] = *arguments;
    u32 counts[8][256] = {};
    for (u32 i = 0; i < n; i += 8) {
        u64 word = load<u64>(bytes + i);
        for (u32 b = 0; b < 8; b++) counts[b][word >> 8 * b & 255]++;
    }
    for (u32 bin = 0; bin < 256; bin++)
        for (u32 b = 0; b < 8; b++) bins[bin] += counts[b][bin];
}
