namespace Broker.Ptx.Running;

/// <summary>Says where in the virtual address space of a kernel what lies.</summary>
/// <remarks>
/// The addresses are the same on every machine and have nothing to do with those of this process. Between two
/// things lies a gap of at least <see cref="Gap"/> bytes, so that two accesses closer than that touch the same one or a fault.
/// </remarks>
internal static class AddressMap
{
    public const ulong SharedWindow = 0x0100_0000;
    public const ulong LocalWindow = 0x0200_0000;
    public const ulong ParameterWindow = 0x0300_0000;
    public const ulong FunctionWindow = 0x0400_0000;
    public const ulong WindowBytes = 0x0080_0000;
    public const ulong ConstantWindow = 0x1_0000_0000;
    public const ulong GlobalWindow = 0x2_0000_0000;
    public const ulong ModuleBytes = 0x8000_0000;
    public const ulong BufferStart = 0x10_0000_0000;
    public const ulong GlobalBytes = 0x7fff_0000_0000;
    public const ulong BufferAlignment = 256;
    public const ulong Gap = 4096;
}
