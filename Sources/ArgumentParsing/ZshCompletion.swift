extension Completions {
    /// The script for zsh, to be sourced after `compinit` or put in a folder of `fpath` as `_NAME`.
    package static func zsh(_ program: Program) -> String {
        let prefix = functionPrefix(program)
        let commands = program.allCommands.map { "        " + quoted(described($0.name, $0.summary)) }
        let cases = program.allCommands.map { zshCase($0, of: program) }
        let global = zshSpecs(program.globalFlags, prefix).map { "        \($0) \\\n" }.joined()
        return """
            #compdef \(program.name)

            # Offers names of the kind $1 that the program lists.
            \(prefix)_names() {
                local -a names
                names=(${(f)"$(\(word(program.name)) \(namesCommand) "$1=$PREFIX" "${(@)words[1,CURRENT-1]}" 2>/dev/null)"})
                compadd -a names
            }

            # Offers such names, and files.
            \(prefix)_names_or_files() {
                local ret=1
                \(prefix)_names $1 && ret=0
                _files && ret=0
                return ret
            }

            \(prefix)() {
                local curcontext=$curcontext state line ret=1
                typeset -A opt_args
                local -a commands=(
            \(commands.joined(separator: "\n"))
                )

                _arguments -s -S -C -A '-*' \\
            \(global)        '1: :->command' \\
                    '*:: :->arguments' && ret=0

                case $state in
                    command)
                        _describe -t commands command commands && ret=0
                        ;;
                    arguments)
                        curcontext=${curcontext%:*:*}:\(program.name)-$words[1]:
                        case $words[1] in
            \(cases.joined(separator: "\n"))
                        esac
                        ;;
                esac
                return ret
            }

            # Autoloaded from fpath, this file is the function's body; sourced, it has to be bound.
            if [[ $funcstack[1] == \(prefix) ]]; then
                \(prefix) "$@"
            else
                compdef \(prefix) \(word(program.name))
            fi

            """
    }

    /// The branch for the arguments of one command.
    private static func zshCase(_ command: Command, of program: Program) -> String {
        let prefix = functionPrefix(program)
        let specs =
            zshSpecs(command.flags + program.globalFlags, prefix)
            + command.positionals.map { zshSpec($0, prefix) }
        let lines = specs.map { " \\\n                        " + $0 }.joined()
        return """
                            \(command.name))
                                _arguments -s -S\(lines) && ret=0
                                ;;
            """
    }

    /// The specs of flags; each form of a flag excludes the others, unless it may be repeated.
    private static func zshSpecs(_ flags: [Flag], _ prefix: String) -> [String] {
        flags.flatMap { flag in
            let exclusion =
                if flag == .help { "(- : *)" } else if flag.isRepeatable { "*" } else {
                    "(\(flag.spellings.joined(separator: " ")))"
                }
            let explanation = "[" + escaped(flag.help, "\\[]:") + "]"
            let value = flag.value.map { ":\(escaped($0.metavar, "\\:")):\(zshAction($0, prefix))" } ?? ""
            return flag.spellings.map { spelling in
                let join = flag.value == nil ? "" : spelling.hasPrefix("--") ? "=" : "+"
                return quoted(exclusion + spelling + join + explanation + value)
            }
        }
    }

    private static func zshSpec(_ positional: Positional, _ prefix: String) -> String {
        let place =
            switch positional.arity {
            case .one: ":"
            case .optional: "::"
            case .oneOrMore, .zeroOrMore: "*:"
            }
        return quoted(
            place + escaped(positional.value.metavar, "\\:") + ":" + zshAction(positional.value, prefix))
    }

    private static func zshAction(_ value: ArgumentValue, _ prefix: String) -> String {
        switch value.kind {
        case .text: " "
        case .file: "_files"
        case .directory: "_files -/"
        case .names(let kind, let orFile): "{\(prefix)_names\(orFile ? "_or_files" : "") \(kind)}"
        case .choice(let choices):
            // The list is evaluated once more, hence its own quotes.
            "(" + escaped(choices.map(word).joined(separator: " "), "\\:") + ")"
        }
    }

    /// A word with its description, as `_describe` reads them.
    private static func described(_ word: String, _ description: String) -> String {
        escaped(word, "\\:") + ":" + escaped(description, "\\")
    }

    /// The text with a backslash before each of some characters.
    private static func escaped(_ text: String, _ special: String) -> String {
        text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
