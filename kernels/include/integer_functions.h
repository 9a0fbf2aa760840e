// CUDA's integer intrinsics, and its conversions.
#pragma once

#define BROKER_CONVERSION(name, To, From, builtin) static __device__ __forceinline__ To name(From x) { return builtin(x); }
BROKER_CONVERSION(__float2int_rn, int, float, __nvvm_f2i_rn)
BROKER_CONVERSION(__float2int_rz, int, float, __nvvm_f2i_rz)
BROKER_CONVERSION(__float2int_rd, int, float, __nvvm_f2i_rm)
BROKER_CONVERSION(__float2int_ru, int, float, __nvvm_f2i_rp)
BROKER_CONVERSION(__float2uint_rn, unsigned, float, __nvvm_f2ui_rn)
BROKER_CONVERSION(__float2uint_rz, unsigned, float, __nvvm_f2ui_rz)
BROKER_CONVERSION(__float2uint_rd, unsigned, float, __nvvm_f2ui_rm)
BROKER_CONVERSION(__float2ll_rn, long long, float, __nvvm_f2ll_rn)
BROKER_CONVERSION(__float2ll_rz, long long, float, __nvvm_f2ll_rz)
BROKER_CONVERSION(__double2ll_rn, long long, double, __nvvm_d2ll_rn)
BROKER_CONVERSION(__double2int_rn, int, double, __nvvm_d2i_rn)
BROKER_CONVERSION(__int2float_rn, float, int, __nvvm_i2f_rn)
BROKER_CONVERSION(__uint2float_rn, float, unsigned, __nvvm_ui2f_rn)
BROKER_CONVERSION(__ll2float_rn, float, long long, __nvvm_ll2f_rn)
BROKER_CONVERSION(lrintf, long, float, __nvvm_f2ll_rn)
BROKER_CONVERSION(llrintf, long long, float, __nvvm_f2ll_rn)
#undef BROKER_CONVERSION

#define BROKER_BITS(name, To, From) static __device__ __forceinline__ To name(From x) { return __builtin_bit_cast(To, x); }
BROKER_BITS(__float_as_int, int, float)
BROKER_BITS(__float_as_uint, unsigned, float)
BROKER_BITS(__int_as_float, float, int)
BROKER_BITS(__uint_as_float, float, unsigned)
BROKER_BITS(__double_as_longlong, long long, double)
BROKER_BITS(__longlong_as_double, double, long long)
#undef BROKER_BITS

static __device__ __forceinline__ int abs(int x) { return x < 0 ? -x : x; }
static __device__ __forceinline__ long long llabs(long long x) { return x < 0 ? -x : x; }

static __device__ __forceinline__ int __popc(unsigned x) { return __builtin_popcount(x); }
static __device__ __forceinline__ int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static __device__ __forceinline__ int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
static __device__ __forceinline__ int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
static __device__ __forceinline__ int __ffs(int x) { return __builtin_ffs(x); }
static __device__ __forceinline__ int __ffsll(long long x) { return __builtin_ffsll(x); }
static __device__ __forceinline__ unsigned __brev(unsigned x) { return __builtin_bitreverse32(x); }
static __device__ __forceinline__ unsigned long long __brevll(unsigned long long x) { return __builtin_bitreverse64(x); }
static __device__ __forceinline__ unsigned __byte_perm(unsigned x, unsigned y, unsigned s) { return __nvvm_prmt(x, y, s & 0x7777u); }
static __device__ __forceinline__ int __mulhi(int x, int y) { return __nvvm_mulhi_i(x, y); }
static __device__ __forceinline__ unsigned __umulhi(unsigned x, unsigned y) { return __nvvm_mulhi_ui(x, y); }
static __device__ __forceinline__ long long __mul64hi(long long x, long long y) { return __nvvm_mulhi_ll(x, y); }
static __device__ __forceinline__ unsigned long long __umul64hi(unsigned long long x, unsigned long long y) { return __nvvm_mulhi_ull(x, y); }
static __device__ __forceinline__ int __mul24(int x, int y) { return __nvvm_mul24_i(x, y); }
static __device__ __forceinline__ unsigned __umul24(unsigned x, unsigned y) { return __nvvm_mul24_ui(x, y); }
static __device__ __forceinline__ unsigned __funnelshift_l(unsigned low, unsigned high, unsigned n) {
    return __builtin_rotateleft64((unsigned long long)high << 32 | low, n & 31) >> 32;
}
static __device__ __forceinline__ unsigned __funnelshift_r(unsigned low, unsigned high, unsigned n) {
    return (unsigned)(((unsigned long long)high << 32 | low) >> (n & 31));
}
static __device__ __forceinline__ int __sad(int x, int y, unsigned z) { return (int)(z + (unsigned)(x < y ? y - x : x - y)); }

// Four products of bytes and their sum with c, in one instruction since sm_61.
static __device__ __forceinline__ int __dp4a(int a, int b, int c) {
    int sum;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}
static __device__ __forceinline__ unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
    unsigned sum;
    asm("dp4a.u32.u32 %0, %1, %2, %3;" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}
