#include "lanes.h"

struct Arguments {
    int *c;
    const int *a, *b;
    u32 m, n, k;
};

#ifdef __AVX512VNNI__
// The instruction takes one factor without a sign: 128 is added to it, and 128 times the other factors' sum taken off at the end.
constexpr int Bias = (int)0x80808080;
static inline vi dot(vi a, vi b, vi sum) { return __builtin_ia32_vpdpbusd512(sum, a, b); }
static inline vi offset(vi sum) { return sum * 128; }
#else
constexpr int Bias = 0;
static inline vi dot(vi a, vi b, vi sum) {
    for (u32 i = 0; i < 4; i++) sum += (a << (24 - 8 * i) >> 24) * (b << (24 - 8 * i) >> 24);
    return sum;
}
static inline vi offset(vi) { return vi{}; }
#endif

// m is a multiple of 8, n of 32.
extern "C" void run(const Arguments *arguments) {
    constexpr u32 Rows = 8, Vectors = 2;
    auto [c, a, b, m, n, k] = *arguments;
    u32 words = k / 4;
    vi *panel = new vi[words * Vectors];
    for (u32 column = 0; column < n; column += Vectors * Lanes) {
        vi offsets[Vectors] = {};
        for (u32 v = 0; v < Vectors; v++)
            for (u32 i = 0; i < words; i++) {
                vi &right = panel[i * Vectors + v];
                for (u32 lane = 0; lane < Lanes; lane++) right[lane] = b[(column + v * Lanes + lane) * words + i];
                offsets[v] = dot(vi{} + 0x01010101, right, offsets[v]);
            }
        for (u32 row = 0; row < m; row += Rows) {
            vi sums[Rows][Vectors];
            for (u32 r = 0; r < Rows; r++)
                for (u32 v = 0; v < Vectors; v++) sums[r][v] = -offset(offsets[v]);
            for (u32 i = 0; i < words; i++)
                for (u32 r = 0; r < Rows; r++) {
                    vi left = vi{} + (a[(row + r) * words + i] ^ Bias);
                    for (u32 v = 0; v < Vectors; v++) sums[r][v] = dot(left, panel[i * Vectors + v], sums[r][v]);
                }
            for (u32 r = 0; r < Rows; r++)
                for (u32 v = 0; v < Vectors; v++) store(c + (row + r) * n + column + v * Lanes, sums[r][v]);
        }
    }
    delete[] panel;
}
