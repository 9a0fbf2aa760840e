#include <cuda_runtime.h>

constexpr unsigned Threads = 256;

// One step of n bodies that attract each other: bodies are position and mass, velocities have three parts used. n is a multiple of 256.
extern "C" __global__ void __launch_bounds__(Threads)
    nbody(float4 *moved, float4 *velocities, const float4 *bodies, unsigned n, float step, float softening) {
    __shared__ float4 tile[Threads];
    unsigned i = blockIdx.x * Threads + threadIdx.x;
    float4 body = bodies[i];
    float ax = 0, ay = 0, az = 0;
    for (unsigned first = 0; first < n; first += Threads) {
        tile[threadIdx.x] = bodies[first + threadIdx.x];
        __syncthreads();
#pragma unroll 4
        for (unsigned j = 0; j < Threads; j++) {
            float dx = tile[j].x - body.x, dy = tile[j].y - body.y, dz = tile[j].z - body.z;
            float square = fmaf(dx, dx, fmaf(dy, dy, fmaf(dz, dz, softening)));
            float inverse = 1.0f / sqrtf(square);
            float pull = tile[j].w * inverse * inverse * inverse;
            ax = fmaf(dx, pull, ax), ay = fmaf(dy, pull, ay), az = fmaf(dz, pull, az);
        }
        __syncthreads();
    }
    float4 velocity = velocities[i];
    velocity.x = fmaf(ax, step, velocity.x), velocity.y = fmaf(ay, step, velocity.y), velocity.z = fmaf(az, step, velocity.z);
    velocities[i] = velocity;
    moved[i] = make_float4(fmaf(velocity.x, step, body.x), fmaf(velocity.y, step, body.y), fmaf(velocity.z, step, body.z), body.w);
}
