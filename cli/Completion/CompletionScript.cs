namespace Broker.Cli.Completion;

/// <summary>The scripts that make a shell complete what is typed after <c>broker</c>.</summary>
/// <remarks>
/// Each hands what stands between <c>broker</c> and the cursor to the <c>[suggest]</c> directive, which answers a suggestion a line.
/// Where there is none, a shell falls back to the names of files.
/// </remarks>
internal static class CompletionScript
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <param name="program">The program to ask and its first arguments; it need not be on the path.</param>
    public static string For(string shell, IEnumerable<string> program) => shell switch
    {
        "bash" => Bash(Join(program, PosixQuote)),
        "zsh" => Zsh(Join(program, PosixQuote)),
        "fish" => Fish(Join(program, FishQuote)),
        _ => Pwsh(Join(program, PwshQuote)),
    };

    /// <summary>This program, as it was started.</summary>
    public static IReadOnlyList<string> ThisProgram()
    {
        var started = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(started).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [started, typeof(CompletionScript).Assembly.Location]
            : [started];
    }

    // Readline breaks words at = and : too, and then replaces only what follows them.
    private static string Bash(string program) => $$"""
        _broker() {
            local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" suggestions
            [[ $line == *[[:space:]]* ]] || return 0
            line="${line#*[[:space:]]}"
            suggestions="$({{program}} "[suggest:${#line}]" "$line" 2>/dev/null)"
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$suggestions" -- "$word"))
        }
        complete -o default -F _broker broker

        """;

    private static string Zsh(string program) => $$"""
        #compdef broker
        _broker() {
            local line="${(j: :)words[2,CURRENT]}"
            local -a suggestions=("${(@f)$({{program}} "[suggest:${#line}]" "$line" 2>/dev/null)}")
            suggestions=(${suggestions:#})
            compadd -a suggestions || _files
        }
        if [[ ${funcstack[1]} == _broker ]]; then _broker "$@"; else compdef _broker broker; fi

        """;

    private static string Fish(string program) => $$"""
        function __broker_complete
            set -l line (commandline --current-process --cut-at-cursor | string collect)
            set line (string replace --regex '^\s*\S+\s' '' -- $line)
            {{program}} "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete --command broker --arguments '(__broker_complete)'

        """;

    // The text of the command ends at its last word, but the cursor may stand after a space.
    private static string Pwsh(string program) => $$"""
        Register-ArgumentCompleter -Native -CommandName broker -ScriptBlock {
            param($word, $command, $cursor)
            $text = $command.Extent.Text.PadRight($cursor - $command.Extent.StartOffset).Substring(0, $cursor - $command.Extent.StartOffset)
            $line = $text.Substring([Math]::Min($text.Length, $command.CommandElements[0].Extent.Text.Length + 1))
            & {{program}} "[suggest:$($line.Length)]" $line 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }

        """;

    private static string Join(IEnumerable<string> words, Func<string, string> quote) => string.Join(' ', words.Select(quote));

    private static string PosixQuote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static string FishQuote(string word) => $"'{word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";

    private static string PwshQuote(string word) => $"'{word.Replace("'", "''", StringComparison.Ordinal)}'";
}
