// What ordinary CUDA C calls, compiled with the headers of kernels/include alone: broker kernels build ordinary.cu
#include <cuda_runtime.h>

// One warp. Row r of the results holds what each lane got from call r; PreludeTests says what that is.
extern "C" __global__ void ordinary(unsigned *results, unsigned *counters, const float *reals) {
    unsigned lane = threadIdx.x, row = 0, all = 0xffffffffu;
    float real = __ldg(reals + lane);
    auto put = [&](unsigned value) { results[row++ * 32 + lane] = value; };

    put(__popc(lane) + __popcll(lane) * 100);
    put(__clz((int)lane));
    put(__clzll(lane));
    put(__ffs((int)lane));
    put(__brev(lane));
    put(__byte_perm(0x03020100, 0x07060504, 0x6420 + lane % 2));
    put(__umulhi(lane << 27, 1000));
    put((unsigned)__mulhi(-(int)lane << 26, 1000));
    put((unsigned)__dp4a((int)(lane * 0x01010101), 0x04fffe01, -7));
    put(__funnelshift_l(0x80000001u, lane, 3));
    put(__funnelshift_r(0x80000001u, lane, 3));
    put(__sad((int)lane, 10, 1000));

    put(__shfl_sync(all, lane * 3, 7));
    put(__shfl_up_sync(all, lane, 2u));
    put(__shfl_down_sync(all, lane, 2u, 8));
    put((unsigned)__shfl_xor_sync(all, (double)lane, 5));
    put(__ballot_sync(all, lane % 3 == 0));
    put(__any_sync(all, lane == 40) + 2 * __all_sync(all, lane < 32));
    put(__match_any_sync(all, lane / 8));
    put(__syncthreads_count(lane > 20) + 100 * __syncthreads_or(lane == 3) + 1000 * __syncthreads_and(lane == 3));

    put(__float_as_uint(floorf(real) + ceilf(real) * 10 + truncf(real) * 100 + rintf(real) * 1000 + roundf(real) * 10000));
    put(__float_as_uint(fminf(real, 1.5f) + fmaxf(real, 0.5f) * 10 + fabsf(real) * 100));
    put((unsigned)__float2int_rn(real * 10) + 1000 * (unsigned)__float2int_rz(real * 10));
    put(__float_as_uint(ldexpf(real, (int)lane * 18 - 250)));
    put(__float_as_uint(copysignf(2.0f, real)) + isnan(real / 0.0f - real / 0.0f) + 2 * isinf(1 / real) + 4 * isfinite(real));
    put(__float_as_uint(__expf(real)) - __float_as_uint(expf(real)));
    float sine, cosine;
    sincosf(real, &sine, &cosine);
    put((__float_as_uint(sine) ^ __float_as_uint(sinf(real))) | (__float_as_uint(cosine) ^ __float_as_uint(cos(real))));
    float4 vector = make_float4(real, 1, 2, 3);
    uchar2 bytes = make_uchar2(lane, 7);
    put((unsigned)(vector.y + vector.w) + bytes.x + bytes.y + (unsigned)max(lane, 5u) + (unsigned)abs(-(int)lane));

    atomicAdd(counters + 0, lane);
    atomicMax(counters + 1, lane);
    atomicOr(counters + 2, 1u << lane);
    atomicInc(counters + 3, 9);
    atomicCAS(counters + 4, 0u, 77u);
    atomicAdd((unsigned long long *)(counters + 6), 1ull << 32);
    if (lane == 31) printf("lane %u has %.2f\n", lane, real);
}
