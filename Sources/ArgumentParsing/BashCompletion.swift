extension Completions {
    /// The script for bash, which does not need the bash-completion package.
    package static func bash(_ program: Program) -> String {
        let prefix = functionPrefix(program)
        return """
            # Completion of \(program.name) for bash.

            # Sets name, kind, repeats and choices for the flag $2 of the command $1.
            \(prefix)_flag() {
                name='' kind='' repeats='' files='' choices=()
                case "$1 $2" in
            \(flagCases(program))
                esac
            }

            # Sets kind and choices for the argument after $2 others of the command $1.
            \(prefix)_argument() {
                kind='' files='' choices=()
                case "$1 $2" in
            \(argumentCases(program))
                esac
            }

            # Sets flags to those of the command $1.
            \(prefix)_flags() {
                case "$1" in
            \(flagLists(program))
                esac
            }

            \(driver.replacing("PREFIX", with: prefix).replacing("NAMES", with: namesCommand))

            complete -F \(prefix) \(word(program.name))

            """
    }

    private static func flagCases(_ program: Program) -> String {
        let own = program.allCommands.flatMap { command in
            command.flags.map { flag in
                flagCase(flag, patterns: flag.spellings.map { quoted("\(command.name) \($0)") })
            }
        }
        let global = program.globalFlags.map { flag in
            flagCase(flag, patterns: flag.spellings.map { "*" + quoted(" \($0)") })
        }
        return (own + global).joined(separator: "\n")
    }

    private static func flagCase(_ flag: Flag, patterns: [String]) -> String {
        let repeats = flag.isRepeatable ? " repeats=1" : ""
        let setting = "name=\(flag.spelling) \(flag.value.map(kind) ?? "kind=switch")\(repeats)"
        return "        \(patterns.joined(separator: " | "))) \(setting) ;;"
    }

    private static func argumentCases(_ program: Program) -> String {
        program.allCommands.flatMap { command in
            command.positionals.enumerated().map { index, positional in
                let place =
                    positional.isVariadic
                    ? quoted("\(command.name) ") + "*" : quoted("\(command.name) \(index)")
                return "        \(place)) \(kind(positional.value)) ;;"
            }
        }.joined(separator: "\n")
    }

    private static func flagLists(_ program: Program) -> String {
        let global = program.globalFlags.map(\.spelling)
        let own = program.allCommands.map { command in
            let flags = (command.flags.map(\.spelling) + global).joined(separator: " ")
            return "        \(command.name)) flags=(\(flags)) ;;"
        }
        return (own + ["        *) flags=(\(global.joined(separator: " "))) ;;"]).joined(separator: "\n")
    }

    private static func kind(_ value: ArgumentValue) -> String {
        switch value.kind {
        case .text: "kind=text"
        case .file: "kind=file"
        case .directory: "kind=directory"
        case .names(let names, let orFile): "kind=names listed=\(names)" + (orFile ? " files=1" : "")
        case .choice(let choices): "kind=choice choices=(\(choices.map(word).joined(separator: " ")))"
        }
    }

    /// The part that is the same for all programs; PREFIX stands for the prefix of its functions, NAMES for
    /// the command that lists names.
    private static let driver = #"""
        PREFIX() {
            local -a words=() choices=() flags=() found=()
            local last=-1 glue='' word i j
            # Readline splits words at '=', ':' and '@'; here they are put together again.
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if ((i > 1)) && [[ $word =~ ^[=:@]+$ ]]; then
                    words[last]+=$word
                    glue=1
                elif [[ -n $glue ]]; then
                    words[last]+=$word
                    glue=''
                else
                    words+=("$word")
                    last=$((last + 1))
                fi
            done

            local command='' ended='' pending='' used=' ' position=0 name kind repeats listed files
            for ((i = 1; i < last; i++)); do
                word=${words[i]}
                if [[ -n $pending ]]; then
                    pending=''
                elif [[ -n $ended || $word != -?* ]]; then
                    if [[ -z $command ]]; then command=$word; else position=$((position + 1)); fi
                elif [[ $word == -- ]]; then
                    ended=1
                elif [[ $word == --* ]]; then
                    PREFIX_flag "$command" "${word%%=*}"
                    used+="$name "
                    if [[ $kind != switch && $word != *=* ]]; then pending=$name; fi
                else
                    for ((j = 1; j < ${#word}; j++)); do
                        PREFIX_flag "$command" "-${word:j:1}"
                        used+="$name "
                        if [[ $kind != switch ]]; then
                            if ((j + 1 == ${#word})); then pending=$name; fi
                            break
                        fi
                    done
                fi
            done

            local current=${words[last]} before='' candidate
            if [[ -n $pending ]]; then
                PREFIX_flag "$command" "$pending"
            elif [[ -z $ended && $current == --*=* ]]; then
                before=${current%%=*}=
                PREFIX_flag "$command" "${current%%=*}"
            elif [[ -z $ended && $current == -* ]]; then
                PREFIX_flags "$command"
                for candidate in "${flags[@]}"; do
                    PREFIX_flag "$command" "$candidate"
                    if [[ -n $repeats || $used != *" $name "* ]]; then found+=("$candidate"); fi
                done
                kind=choice choices=("${found[@]}")
            elif [[ -z $command ]]; then
                PREFIX_argument help 0
                choices+=(help)
            else
                PREFIX_argument "$command" "$position"
            fi

            local typed=${current#"$before"}
            found=()
            if [[ $kind == names ]]; then
                mapfile -t choices < <("${words[0]}" NAMES "$listed=$typed" "${words[@]:1:last-1}" 2>/dev/null)
                kind=choice
            fi
            case $kind in
                choice)
                    for candidate in "${choices[@]}"; do
                        if [[ $candidate == "$typed"* ]]; then found+=("$candidate"); fi
                    done
                    if [[ -n $files ]]; then kind=file; fi
                    ;;
            esac
            if [[ $kind == file || $kind == directory ]]; then
                # Outside of a completion, as in a test, there are no options to set.
                compopt -o filenames 2>/dev/null
                while IFS= read -r candidate; do
                    found+=("$candidate")
                done < <(compgen -A "$kind" -- "$typed")
            fi

            # Only what follows the last split is to be replaced.
            local replaced=${COMP_WORDS[COMP_CWORD]} whole
            if [[ $replaced =~ ^[=:@]+$ ]]; then replaced=''; fi
            local kept=${current%"$replaced"}
            COMPREPLY=()
            for candidate in "${found[@]}"; do
                whole=$before$candidate
                COMPREPLY+=("${whole#"$kept"}")
            done
        }
        """#
}
