#include "lanes.h"

struct Arguments {
    u32 *digests;
    const u32 *messages;
    u32 n;
};

static const u32 Rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline vu rotate(vu x, u32 n) { return x >> n | x << (32 - n); }
static inline vu swap(vu x) { return rotate(x & 0xff00ff, 8) | (rotate(x, 24) & 0xff00ff); }

static inline void compress(vu (&state)[8], vu (&w)[16]) {
    vu a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (u32 first = 0; first < 64; first += 16) {
#pragma unroll
        for (u32 i = 0; i < 16; i++) {
            if (first > 0) {
                vu late = w[(i + 14) % 16], early = w[(i + 1) % 16];
                w[i] += (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10) + w[(i + 9) % 16] + (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3);
            }
            vu one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + Rounds[first + i] + w[i];
            vu two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));
            h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
        }
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

// A message a lane. n is a multiple of the lanes.
extern "C" void run(const Arguments *arguments) {
    auto [digests, messages, n] = *arguments;
    for (u32 first = 0; first < n; first += Lanes) {
        vu state[8], w[16], start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        for (u32 i = 0; i < 8; i++) state[i] = vu{} + start[i];
        for (u32 i = 0; i < 16; i++) {
            for (u32 lane = 0; lane < Lanes; lane++) w[i][lane] = messages[(first + lane) * 16 + i];
            w[i] = swap(w[i]);
        }
        compress(state, w);
        for (vu &word : w) word = vu{};
        w[0] += 0x80000000, w[15] += 512;
        compress(state, w);
        for (u32 i = 0; i < 8; i++) {
            state[i] = swap(state[i]);
            for (u32 lane = 0; lane < Lanes; lane++) digests[(first + lane) * 8 + i] = state[i][lane];
        }
    }
}
