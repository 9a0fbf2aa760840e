#include "../../kernels/include/exact_math.cuh"
#include "lanes.h"

struct Arguments {
    float *out;
    const float *queries, *keys, *values;
    u32 n;
};

constexpr u32 Depth = 64, Tile = 32, Together = 4;

static inline vf exp(vf x) {
    vf y;
    for (u32 i = 0; i < Lanes; i++) y[i] = exact::exp(x[i]);
    return y;
}
static inline vf max(vf x, vf y) { return x < y ? y : x; }

// A vector of queries, four keys at a time: four chains of fma instead of one. n is a multiple of 32.
extern "C" void run(const Arguments *arguments) {
    auto [out, queries, keys, values, n] = *arguments;
    for (u32 row = 0; row < n; row += Lanes) {
        vf q[Depth], sums[Depth] = {}, total = {}, most = vf{} - __builtin_inff();
        for (u32 d = 0; d < Depth; d++)
            for (u32 i = 0; i < Lanes; i++) q[d][i] = queries[(row + i) * Depth + d];
        for (u32 first = 0; first < n; first += Tile) {
            vf scores[Tile], larger = most;
            for (u32 j = 0; j < Tile; j += Together) {
                const float *key = keys + (first + j) * Depth;
                vf dots[Together] = {};
                for (u32 d = 0; d < Depth; d++)
                    for (u32 i = 0; i < Together; i++) dots[i] = fma(q[d], vf{} + key[i * Depth + d], dots[i]);
                for (u32 i = 0; i < Together; i++) {
                    scores[j + i] = dots[i] * 0.125f;
                    larger = max(larger, scores[j + i]);
                }
            }
            vf shrink = exp(most - larger);
            most = larger;
            total *= shrink;
            for (vf &sum : sums) sum *= shrink;
            for (u32 j = 0; j < Tile; j += Together) {
                const float *value = values + (first + j) * Depth;
                vf weights[Together];
                for (u32 i = 0; i < Together; i++) {
                    weights[i] = exp(scores[j + i] - most);
                    total += weights[i];
                }
                for (u32 d = 0; d < Depth; d++)
                    for (u32 i = 0; i < Together; i++) sums[d] = fma(weights[i], vf{} + value[i * Depth + d], sums[d]);
            }
        }
        for (u32 d = 0; d < Depth; d++) {
            vf result = sums[d] / total;
            for (u32 i = 0; i < Lanes; i++) out[(row + i) * Depth + d] = result[i];
        }
    }
}
