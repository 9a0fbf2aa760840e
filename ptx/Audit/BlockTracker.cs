using Broker.Ptx.Passes;
using Broker.Ptx.Running;

namespace Broker.Ptx.Audit;

/// <summary>Knows for each byte that a block touches which thread wrote and read it last, and since which barrier.</summary>
/// <remarks>
/// Two threads race where one writes what the other touches, not both atomically, and no barrier of the block and no
/// collective of their warp lies between. Collectives count as if all lanes took part, and barriers as if all threads did.
/// </remarks>
internal sealed unsafe class BlockTracker(BlockState block)
{
    private const int Many = -2;

    private readonly Dictionary<nint, Trace> _traces = [];
    private readonly (int Barriers, int Collectives)[] _moments = new (int, int)[block.Threads];

    /// <summary>Notes that the threads which enter a region have passed the wait before it.</summary>
    public void Enter(Region region, IReadOnlyList<WaitSite?> sites, int first, int end)
    {
        for (var thread = first; thread < end; thread++)
        {
            var entry = block.WaitingAt[thread];
            // An answer about a barrier in shared memory does not count: what it orders, nobody keeps.
            if (entry <= 0 || !region.Entries.Contains(entry) || sites[entry]!.IsPoll) continue;
            var collective = sites[entry]!.Operation is not null;
            var (barriers, collectives) = _moments[thread];
            _moments[thread] = collective ? (barriers, collectives + 1) : (barriers + 1, collectives);
        }
    }

    public void Note(byte* place, int bytes, int kind, int line)
    {
        for (var i = 0; i < bytes; i++) Note((nint)(place + i), kind, line);
    }

    private void Note(nint place, int kind, int line)
    {
        if (block.IsReadInPlace(place)) return;
        if (!_traces.TryGetValue(place, out var trace)) _traces[place] = trace = new Trace();
        var (thread, moment) = (block.Thread, _moments[block.Thread]);
        var (isShared, isLocal) = (place - (nint)block.Shared is >= 0 and var shared && shared < block.TotalSharedBytes, !IsInArena(place) && !IsShared(place));
        if (isLocal)
        {
            // Threads that take turns in the same local memory each start with it anew.
            if (kind != 1 && trace.Writer != thread && !IsParameter(place)) Uninitialised("local", line);
            if (kind != 0) trace.Writer = thread;
            return;
        }

        if (kind != 1 && isShared && trace.Writer == Trace.Nobody) Uninitialised("shared", line);
        if (trace.Writer >= 0 && Meets(trace.Writer, trace.WrittenAt, thread, moment) && !(kind == 2 && trace.WrittenAtomically)) Race(line, trace.WriterLine, "written");
        if (kind != 0 && trace.Reader != Trace.Nobody && kind != 2 && Meets(trace.Reader, trace.ReadAt, thread, moment)) Race(line, trace.ReaderLine, "read");
        if (kind == 2 && trace.Reader != Trace.Nobody && !trace.ReadAtomically && Meets(trace.Reader, trace.ReadAt, thread, moment)) Race(line, trace.ReaderLine, "read");
        if (kind != 0) (trace.Writer, trace.WrittenAt, trace.WriterLine, trace.WrittenAtomically) = (thread, moment, line, kind == 2);
        if (kind == 1) return;
        var same = trace.Reader == thread || trace.Reader == Trace.Nobody || trace.ReadAt.Barriers != moment.Barriers;
        (trace.Reader, trace.ReadAt, trace.ReaderLine, trace.ReadAtomically) = (same ? thread : Many, moment, line, kind == 2);
    }

    private bool IsShared(nint place) => place - (nint)block.Shared is >= 0 and var offset && offset < block.TotalSharedBytes;

    private bool IsInArena(nint place) => place - (nint)block.Arena is >= 0 and var offset && offset < block.ArenaBytes;

    private bool IsParameter(nint place) => block.ParameterRange is var range && place - (nint)range.Host is >= 0 and var offset && offset < (long)range.Bytes;

    private static bool Meets(int other, (int Barriers, int Collectives) then, int thread, (int Barriers, int Collectives) now)
    {
        if (other == thread || then.Barriers != now.Barriers) return false;
        return other == Many || other / 32 != thread / 32 || then.Collectives == now.Collectives;
    }

    private void Uninitialised(string space, int line) =>
        block.Find(FindingKind.UninitialisedRead, line, $"line {line} reads {space} memory that nothing was written to");

    private void Race(int line, int otherLine, string done) =>
        block.Find(FindingKind.Race, line, $"line {line} touches what another thread has {done} at line {otherLine}, with no barrier between them");

    private sealed class Trace
    {
        public const int Nobody = -1;

        public int Writer = Nobody;
        public int Reader = Nobody;
        public int WriterLine;
        public int ReaderLine;
        public (int Barriers, int Collectives) WrittenAt;
        public (int Barriers, int Collectives) ReadAt;
        public bool WrittenAtomically;
        public bool ReadAtomically;
    }
}
