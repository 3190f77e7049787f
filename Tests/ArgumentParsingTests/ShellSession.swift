import Foundation

@testable import ArgumentParsing

/// A folder with the sample program's completions and a few files, in which real shells are run.
final class ShellSession {
    /// What a command left behind.
    struct Result: Equatable {
        var status: Int32
        /// Its output and its errors.
        var output: String
    }

    /// The folder, removed with the session.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "argument-parsing-\(UUID().uuidString)")
        for name in ["quay", "other"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        for name in ["box1", "box 2"] { try write("", to: name) }
        // The program, which is asked for names: it lists two, how many words there are before the cursor, and one that
        // begins as the word there if that ends with a comma.
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        let ship = programs.appending(path: "ship").path
        let script = """
            case "$1 $2" in
                '__names harbours='*,) echo "${2#harbours=}york" ;;
                '__names harbours='*) printf '%s\\n' hull york $(($# - 2)) ;;
            esac

            """
        _ = FileManager.default.createFile(
            atPath: ship, contents: Data("#!/bin/sh\n\(script)".utf8), attributes: [.posixPermissions: 0o755])
    }

    deinit { for url in [folder, programs] { try? FileManager.default.removeItem(at: url) } }

    /// The folder of the program, beside the other one.
    private var programs: URL { folder.appendingPathExtension("programs") }

    /// Writes a file of the folder.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    /// Runs a command in the folder to its end, and kills it where it hangs.
    func run(_ command: String...) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60"] + command
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": programs.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "HOME": folder.path,
            "TERM": "xterm", "LC_ALL": "C.UTF-8",
        ]
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }
}

/// A word that a shell offers.
struct Offer: Hashable {
    var word: String
    /// What the shell shows beside it.
    var description = ""
}

extension ShellSession {
    /// What a shell offers at the end of a command line of the sample program.
    func offers(of shell: Shell, for line: String) throws -> Set<Offer> {
        try write(Completions.script(for: shell, .sample), to: ".completion")
        switch shell {
        case .bash:
            return try bashOffers(
                words: line.split(separator: " ", omittingEmptySubsequences: false).map(String.init))
        case .fish: return try fishOffers(for: line)
        case .zsh:
            try write(
                Self.zshSetup("autoload -Uz compinit && compinit -D -u; source ./.completion"), to: ".setup")
            return try zshOffers(for: line)
        }
    }

    /// What bash offers for the last of some words, which are split as readline splits them.
    func bashOffers(words: [String]) throws -> Set<Offer> {
        try write(Completions.bash(.sample), to: ".completion")
        let list = words.map { Self.quoted($0) }.joined(separator: " ")
        try write(
            """
            source ./.completion
            COMP_WORDS=(\(list)) COMP_CWORD=\(words.count - 1)
            [[ $(complete -p ship) == 'complete -F _ship ship' ]] || echo 'not bound'
            _ship
            for offer in "${COMPREPLY[@]}"; do printf '%s\\n' "$offer"; done
            """, to: ".driver")
        return try Self.offers(in: run("bash", "--norc", "--noprofile", "./.driver"))
    }

    private func fishOffers(for line: String) throws -> Set<Offer> {
        try Self.offers(
            in: run("fish", "--no-config", "-c", "source ./.completion; complete -C \(Self.quoted(line))"))
    }

    /// What zsh offers, with the completion that an autoloading `fpath` finds.
    func autoloadedZshOffers(for line: String) throws -> Set<Offer> {
        try write(Completions.zsh(.sample), to: "other/_ship")
        try write(Self.zshSetup("fpath+=($PWD/other); autoload -Uz compinit && compinit -D -u"), to: ".setup")
        return try zshOffers(for: line)
    }

    /// Types the line and a tab in an interactive zsh behind a pseudo-terminal, and takes what it offers.
    private func zshOffers(for line: String) throws -> Set<Offer> {
        try write(
            """
            zmodload zsh/zpty
            zpty -b child zsh -f -i
            zpty -w child 'source ./.setup'
            zpty -r child shown '*SETUP-DONE*'
            zpty -w -n child \(Self.quoted(line))$'\\t'
            zpty -r child shown '*COMPLETION-DONE*'
            zpty -d child
            cat ./.offers
            """, to: ".driver")
        return try Self.offers(in: run("zsh", "-f", "./.driver"))
    }

    /// The setup of the interactive zsh: `compadd` notes the matches that it is to show.
    private static func zshSetup(_ loading: String) -> String {
        #"""
        stty cols 500
        \#(loading)
        : >./.offers
        compadd() {
            # With these options it fills arrays, and shows nothing.
            if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
            local -a matches texts shown
            local index
            zparseopts -E -a ignored d:=shown
            [[ -z $shown[2] ]] || texts=("${(@P)shown[2]}")
            builtin compadd -A matches -D texts "$@"
            for ((index = 1; index <= $#matches; index++)); do
                print -r -- "${(Q)matches[index]}"$'\t'"${texts[index]#* -- }" >>./.offers
            done
            builtin compadd "$@"
        }
        finish() { print COMPLETION-DONE; exit }
        comppostfuncs=(finish)
        bindkey '^I' complete-word
        print SETUP-DONE
        """#
    }

    /// The offers in lines of `word`, or `word<tab>description`.
    private static func offers(in result: Result) throws -> Set<Offer> {
        guard result.status == 0 else { throw ShellFailed(result: result) }
        return Set(
            result.output.split(separator: "\n").map { line in
                let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
                return Offer(word: parts[0], description: parts.count > 1 ? parts[1] : "")
            })
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

struct ShellFailed: Error { var result: ShellSession.Result }
