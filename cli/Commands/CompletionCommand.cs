using System.CommandLine;
using Broker.Cli.Completion;

namespace Broker.Cli.Commands;

/// <summary><c>broker completion</c>: prints the script that makes a shell complete commands, options and job ids.</summary>
internal static class CompletionCommand
{
    public static Command Create(GlobalOptions global)
    {
        var shell = new Argument<string>("shell") { Description = $"The shell: {string.Join(", ", CompletionScript.Shells)}", HelpName = "SHELL" };
        shell.AcceptOnlyFromAmong([.. CompletionScript.Shells]);
        var command = new CommandWithExamples(
            "completion", "Print a script that makes a shell complete commands, options and job ids",
            "source <(broker completion bash)                                     # bash: in ~/.bashrc",
            "source <(broker completion zsh)                                      # zsh: in ~/.zshrc, after compinit",
            "broker completion fish > ~/.config/fish/completions/broker.fish      # fish: once",
            "broker completion pwsh | Out-String | Invoke-Expression              # PowerShell: in $PROFILE")
        {
            shell,
        };
        global.SetAction(command, (parsed, terminal, _) =>
        {
            var name = parsed.GetRequiredValue(shell);
            var script = CompletionScript.For(name, CompletionScript.ThisProgram());
            terminal.Answer(new ShellCompletion(name, script), () => terminal.Say(script.TrimEnd()));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}

/// <summary>What <c>broker completion --json</c> answers.</summary>
internal sealed record ShellCompletion(string Shell, string Script);
