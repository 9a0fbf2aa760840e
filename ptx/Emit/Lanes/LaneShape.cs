using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Is how many threads run side by side, and the vector type of .NET whose elements of 32 bits they are.</summary>
/// <remarks>A value of 64 bits takes two vectors of that size: the first half of the lanes, and the second.</remarks>
internal sealed class LaneShape
{
    private static readonly LaneShape Eight = new(8, typeof(Vector256), typeof(Vector256<>));
    private static readonly LaneShape Sixteen = new(16, typeof(Vector512), typeof(Vector512<>));

    private readonly Type _functions;
    private readonly Type _vector;
    private readonly Dictionary<(string, Type, int), MethodInfo> _methods = [];
    private readonly Lock _lock = new();

    private LaneShape(int lanes, Type functions, Type vector) => (Lanes, _functions, _vector) = (lanes, functions, vector);

    public int Lanes { get; }

    /// <summary>Gets the bits of a mask of all lanes.</summary>
    public int All => (1 << Lanes) - 1;

    public int VectorBytes => Lanes * 4;

    public bool Is512 => Lanes == 16;

    /// <summary>Gets how many lanes this machine runs best side by side; 1 where it has no vectors that help.</summary>
    public static int Best => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 1;

    public static LaneShape Of(int lanes) => lanes switch
    {
        8 => Eight,
        16 => Sixteen,
        _ => throw new UnreachableException($"{lanes} lanes"),
    };

    public static int Parts(Slot slot) => slot is Slot.I64 or Slot.F64 ? 2 : 1;

    public static Type Element(Slot slot) => slot switch
    {
        Slot.I32 => typeof(int),
        Slot.I64 => typeof(long),
        Slot.F32 => typeof(float),
        _ => typeof(double),
    };

    public Type Vector(Type element) => _vector.MakeGenericType(element);

    public Type Vector(Slot slot) => Vector(Element(slot));

    /// <summary>Finds a function of .NET's vectors by its name, the element of its first parameter, and how many parameters it has.</summary>
    public MethodInfo Function(string name, Type element, int parameters)
    {
        lock (_lock)
        {
            if (_methods.TryGetValue((name, element, parameters), out var known)) return known;
            var first = Vector(element);
            foreach (var method in _functions.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.Name == name))
            {
                if (method.GetParameters().Length != parameters || method.GetGenericArguments().Length > 1) continue;
                var exact = method.IsGenericMethodDefinition ? method.MakeGenericMethod(element) : method;
                if (exact.GetParameters()[0].ParameterType == first || (name is "Create" or "CreateSequence" && exact.GetParameters()[0].ParameterType == element))
                    return _methods[(name, element, parameters)] = exact;
            }

            throw new UnreachableException($"{_functions.Name}.{name} of {element.Name}");
        }
    }

    /// <summary>Finds the function that takes a vector as one of other elements, its bits unchanged.</summary>
    public MethodInfo Reinterpretation(Type from, Type to) => _functions.GetMethod("As")!.MakeGenericMethod(from, to);

    /// <summary>Finds the function that reads a vector from an address of any alignment.</summary>
    public MethodInfo Load(Type element) => _functions.GetMethod("Load")!.MakeGenericMethod(element);

    public MethodInfo Store(Type element) => _functions.GetMethod("Store")!.MakeGenericMethod(element);
}
