using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits loads of words that lie apart. .NET has only those of AVX2, which fetch up to 256 bits, so a vector is made of pieces.</summary>
internal static class LaneGather
{
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Pushes a vector of words, of all lanes or of half of them; those of lanes that rest are zeros.</summary>
    /// <param name="place">The local with what the distances are counted from.</param>
    /// <param name="distances">The locals with the distances of the lower and the upper half of the lanes, in bytes.</param>
    public static void Load(LaneEmitter emitter, LocalBuilder place, LocalBuilder[] distances, ScalarType type, int part)
    {
        var slot = type.Bits == 64 ? Slot.I64 : Slot.I32;
        // A piece takes four distances, half a vector of 512 bits or a whole one of 256.
        var halves = emitter.Shape.Is512 ? 2 : 1;
        var first = slot == Slot.I64 ? part * halves : 0;
        var pieces = slot == Slot.I64 ? halves : 2 * halves;
        for (var i = 0; i < pieces; i++)
        {
            LoadPiece(emitter, place, distances[(first + i) / halves], (first + i) % halves, slot, part, i);
            // Two by two, as they come.
            for (var joined = i + 1; joined % 2 == 0; joined /= 2) Join(emitter.Il, slot, PieceBytes(slot) * (i + 1) / joined);
        }

        emitter.Reinterpret(slot, type.Slot);
    }

    private static int PieceBytes(Slot slot) => slot == Slot.I64 ? 32 : 16;

    private static void LoadPiece(LaneEmitter emitter, LocalBuilder place, LocalBuilder distances, int half, Slot slot, int part, int number)
    {
        var (il, element) = (emitter.Il, LaneShape.Element(slot));
        var piece = slot == Slot.I64 ? typeof(Vector256<long>) : typeof(Vector128<int>);
        if (emitter.Masked)
        {
            il.Emit(OpCodes.Call, piece.GetProperty(nameof(Vector128<int>.Zero))!.GetMethod!);
            il.Emit(OpCodes.Ldloc, place);
            LoadDistances(emitter, distances, half);
            LoadMask(emitter, slot, part, number);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, place);
            LoadDistances(emitter, distances, half);
        }

        il.Emit(OpCodes.Ldc_I4_1);
        var name = (emitter.Masked ? "GatherMaskVector" : "GatherVector") + (slot == Slot.I64 ? "256" : "128");
        il.Emit(OpCodes.Call, typeof(Avx2).GetMethods().First(m => m.Name == name && m.ReturnType == piece && TakesDistances(m, element)));
    }

    private static bool TakesDistances(MethodInfo method, Type element)
    {
        var types = method.GetParameters().Select(p => p.ParameterType).ToList();
        return types.Contains(element.MakePointerType()) && types.SkipWhile(t => !t.IsPointer).ElementAt(1) == typeof(Vector256<long>);
    }

    private static void LoadDistances(LaneEmitter emitter, LocalBuilder distances, int half)
    {
        emitter.Il.Emit(OpCodes.Ldloc, distances);
        if (emitter.Shape.Is512) emitter.Call(half == 0 ? "GetLower" : "GetUpper", typeof(long), 1);
    }

    /// <summary>Pushes which lanes of a piece run.</summary>
    private static void LoadMask(LaneEmitter emitter, Slot slot, int part, int number)
    {
        emitter.LoadActive(slot, part);
        var vector = emitter.Shape.Is512 ? typeof(Vector512) : typeof(Vector256);
        for (var bytes = emitter.Shape.VectorBytes / 2; bytes >= PieceBytes(slot); bytes /= 2, vector = typeof(Vector256))
        {
            var name = number * PieceBytes(slot) / bytes % 2 == 0 ? "GetLower" : "GetUpper";
            emitter.Il.Emit(OpCodes.Call, vector.GetMethods().First(m => m.Name == name).MakeGenericMethod(LaneShape.Element(slot)));
        }
    }

    /// <summary>Pops two vectors, and pushes the one that both make.</summary>
    private static void Join(ILGenerator il, Slot slot, int bytes)
    {
        var half = (bytes == 16 ? typeof(Vector128<>) : typeof(Vector256<>)).MakeGenericType(LaneShape.Element(slot));
        il.Emit(OpCodes.Call, (bytes == 16 ? typeof(Vector256) : typeof(Vector512)).GetMethod("Create", [half, half])!);
    }
}
