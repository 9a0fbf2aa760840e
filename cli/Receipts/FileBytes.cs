using Microsoft.Win32.SafeHandles;

namespace Broker.Cli.Receipts;

/// <summary>Reads stretches of files.</summary>
internal static class FileBytes
{
    /// <exception cref="InvalidDataException">The file ends early.</exception>
    public static void Read(SafeFileHandle file, long offset, Span<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(file, destination[done..], offset + done);
            if (read == 0) throw new InvalidDataException("the file has become shorter");
            done += read;
        }
    }
}
