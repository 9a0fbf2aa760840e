namespace Broker.Ptx.Verify;

/// <summary>Describes a buffer that a launch is given: everything that can be known without its content or its address.</summary>
public sealed record LaunchBuffer(string Name, long Bytes, bool Writable);

/// <summary>Says that eight bytes of a launch's parameters are the address of a buffer.</summary>
/// <param name="Offset">Where they lie among the packed parameters.</param>
/// <param name="Start">How many bytes into the buffer they point.</param>
public sealed record LaunchPointer(int Offset, LaunchBuffer Buffer, long Start = 0);
