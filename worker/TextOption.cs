using System.CommandLine;
using System.CommandLine.Parsing;

namespace Broker.Worker;

/// <summary>An option that can also be set in the environment: <c>--slot-memory</c> by <c>BROKER_SLOT_MEMORY</c>.</summary>
/// <typeparam name="T">What its text is read as.</typeparam>
/// <remarks>The environment is no default of the option itself: the help would show it, and one of them is a key.</remarks>
internal sealed class TextOption<T>
{
    private readonly Option<string> _option;
    private readonly string _variable;
    private readonly string _rule;
    private readonly Reader _read;
    private readonly Func<T>? _fallback;

    /// <param name="name">With its dashes.</param>
    /// <param name="description">What it is for, its default included.</param>
    /// <param name="rule">What a value must look like, for the error message.</param>
    /// <param name="read">Reads a value.</param>
    /// <param name="fallback">Used where it is set nowhere; null where it must be set.</param>
    public TextOption(string name, string description, string rule, Reader read, Func<T>? fallback = null)
    {
        _variable = "BROKER_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
        _option = new Option<string>(name) { Description = $"{description} [env: {_variable}]" };
        (_rule, _read, _fallback) = (rule, read, fallback);
    }

    /// <summary>Reads a text, or does not.</summary>
    public delegate bool Reader(string text, out T value);

    public void AddTo(Command command)
    {
        command.Options.Add(_option);
        command.Validators.Add(result =>
        {
            var given = result.GetResult(_option);

            // Given twice, or without a value: the parser says so itself.
            if (given is not null && given.Tokens.Count != 1) return;
            if (Refuse(given?.Tokens[0].Value) is { } refusal) result.AddError(refusal);
        });
    }

    /// <summary>The name where it stands on the command line; null where it does not.</summary>
    public string? FindGiven(CommandResult result) => result.GetResult(_option) is null ? null : _option.Name;

    /// <summary>Its value, where it stands on a command line that may not be accepted, or in the environment; the default where it is not valid.</summary>
    public T? Peek(CommandResult result) =>
        FindText(result.GetResult(_option) is { Tokens: [var token] } ? token.Value : null) is { } text && _read(text, out var value) ? value : default;

    /// <summary>Its value, of a command line that was accepted.</summary>
    public T Read(ParseResult parsed) =>
        FindText(parsed.GetValue(_option)) is { } text && _read(text, out var value) ? value : _fallback!();

    private string? Refuse(string? given)
    {
        if (FindText(given) is { } text)
            return _read(text, out _) ? null : $"{(given is null ? _variable : _option.Name)}: '{text}' is not valid: write {_rule}";
        return _fallback is null ? $"{_option.Name} is missing: write {_rule}, or set {_variable}" : null;
    }

    private string? FindText(string? given) => given ?? (Environment.GetEnvironmentVariable(_variable) is { Length: > 0 } text ? text : null);
}
