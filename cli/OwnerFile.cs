namespace Broker.Cli;

/// <summary>Files with keys in them, which only this user reads.</summary>
internal static class OwnerFile
{
    /// <summary>Writes a file whole: whoever reads it finds what was there before, or all of this.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        // The mode counts for a file that is created: an older one may be open to others. A moved file keeps its own mode.
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, options))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
