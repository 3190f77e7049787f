import Diagnostics
import FoundationEssentials
import Glibc
import HTTP
import Reporting
import Support
import Synchronization

/// Where the program writes: data to the standard output, all else to the standard error.
struct Console: Sendable {
    /// Whether the standard output may be coloured.
    let colorsOutput: Bool
    /// Whether the standard error may be coloured.
    let colorsErrors: Bool
    /// Whether the standard error is a terminal that can redraw a line.
    let isInteractive: Bool
    /// Whether the standard output is a terminal.
    let isOutputTerminal: Bool
    /// Whether only errors are written.
    let isQuiet: Bool
    /// Whether to say more; a quiet console never does.
    let isVerbose: Bool

    private let faults = Faults()
    /// The workspace of a CI system that annotates its files; nil elsewhere.
    private let workspace: AnnotatedWorkspace?
    /// The environment variables, some of which are secrets.
    private let environment: [String: String]

    /// The console of this process.
    ///
    /// - Parameters:
    ///   - options: How to write.
    ///   - environment: Tells whether colours are wanted, and which CI system runs this.
    init(_ options: ConsoleOptions = ConsoleOptions(), environment: [String: String]) {
        let isDumb = environment["TERM"] == "dumb"
        let wantsColor = environment["NO_COLOR", default: ""].isEmpty && !isDumb
        func colors(_ descriptor: Int32) -> Bool {
            switch options.color {
            case .always: true
            case .never: false
            case .auto: wantsColor && isatty(descriptor) == 1
            }
        }
        colorsOutput = colors(STDOUT_FILENO)
        colorsErrors = colors(STDERR_FILENO)
        isInteractive = isatty(STDERR_FILENO) == 1 && !isDumb
        isOutputTerminal = isatty(STDOUT_FILENO) == 1
        isQuiet = options.isQuiet
        isVerbose = options.isVerbose && !options.isQuiet
        workspace = AnnotatedWorkspace(environment)
        self.environment = environment
    }

    /// Writes data. Output that cannot be delivered ends the program: whoever reads it must not take it for whole.
    func write(_ text: String) {
        ReadingTime.end()
        guard let reason = BlockedOutput.writing({ text.writeAll(to: STDOUT_FILENO) }) else { return }
        error("the standard output cannot be written: \(reason)")
        exit(ExitCode.failed.rawValue)
    }

    /// Writes data to a file, or to the standard output where none is named.
    ///
    /// - Parameters:
    ///   - text: The data.
    ///   - path: The file; nil for the standard output.
    ///   - replaceable: What may be there already.
    /// - Throws: `CommandFailure`.
    func write(
        _ text: String, to path: String?, replacing replaceable: ReplaceableFile
    ) throws(CommandFailure) {
        guard let path else { return write(text) }
        do throws(FileWriteError) {
            try WholeFile.write(Data(text.utf8), to: path, replacing: replaceable)
        } catch {
            throw CommandFailure(.failed, "'\(path)' cannot be written: \(error.reason)")
        }
    }

    /// How text is written to the standard output.
    var textStyle: TextStyle {
        TextStyle(color: colorsOutput, verbose: isVerbose, now: ProcessEnvironment.now)
    }

    /// Writes what a command shows.
    func write(_ value: some Presentable, as format: OutputFormat) {
        write(format == .json ? value.jsonText : value.text(textStyle))
    }

    /// Writes to the standard error, as it is but for access tokens: people put them where a name belongs.
    func writeError(_ text: String) {
        _ = BlockedOutput.writing { text.hidingTokens.writeAll(to: STDERR_FILENO) }
    }

    /// A line without what a terminal or the runner of a CI system would obey.
    private static func line(_ text: String) -> String {
        (text.escapedForTerminal + "\n").withoutWorkflowCommands
    }

    /// Says something on the standard error, unless only errors are wanted.
    func note(_ text: String) { if !isQuiet { writeError(Self.line(text)) } }

    /// Says something on the standard error when more is wanted.
    func detail(_ text: @autoclosure () -> String) {
        if isVerbose { writeError(Self.line(text())) }
    }

    /// Reports a failure that is about no place in a file.
    func error(_ message: String, hint: String? = nil) {
        let label = colorsErrors ? "\u{1B}[1;31merror:\u{1B}[0m" : "error:"
        writeError("\(label) \(Self.line(message))")
        if let hint { writeError("    help: \(Self.line(hint))") }
    }

    /// Reports that a signal ended a command before it was done, in place of a line that tells how far it was.
    func interrupted(_ command: String) {
        if isInteractive { writeError("\r\u{1B}[2K") }
        error("interrupted before 'promptreg \(command)' was done")
    }

    /// Reports something that does not stop the work.
    ///
    /// - Parameters:
    ///   - message: What it is.
    ///   - isUrgent: Whether it is said also where only errors are wanted.
    ///   - isFault: Whether it stops the work where warnings are as bad as errors; not what somebody asked for.
    func warning(_ message: String, isUrgent: Bool = false, isFault: Bool = true) {
        if isFault { faults.add() }
        guard !isQuiet || isUrgent else { return }
        let label = colorsErrors ? "\u{1B}[1;33mwarning:\u{1B}[0m" : "warning:"
        writeError("\(label) \(Self.line(message))")
    }
}

extension Console {
    /// Whether there were any.
    private final class Faults: Sendable {
        private let count = Atomic(0)

        func add(_ number: Int = 1) { count.add(number, ordering: .relaxed) }
        var areAny: Bool { count.load(ordering: .relaxed) > 0 }
    }

    /// Whether there was a warning, printed or not, that counts where none are allowed.
    var hasWarned: Bool { faults.areAny }

    /// Prints findings about the user's files, and annotates them where a CI system shows the files.
    ///
    /// - Parameters:
    ///   - findings: The findings.
    ///   - showsWarnings: Whether warnings are printed even where only errors are wanted.
    ///   - annotates: Whether the CI system is told of them, too.
    func report(_ findings: DiagnosticList, showsWarnings: Bool = false, annotates: Bool = true) {
        faults.add(findings.count(.warning))
        let showsAll = !isQuiet || showsWarnings
        let shown = showsAll ? findings : findings.withoutWarnings
        let renderer = DiagnosticRenderer(color: colorsErrors)
        // An excerpt of a file may have what the environment keeps secret.
        let mask = SecretMask(environment: environment)
        writeError(mask.hiding(renderer.render(shown)).withoutWorkflowCommands)
        if annotates, let workspace { writeError(mask.hiding(workspace.annotations(shown))) }
        if showsAll { writeError(renderer.counts(of: shown)) }
    }

    /// Findings with their files as a CI system names them: relative to the workspace.
    static func findings(_ list: DiagnosticList, in workspace: String) -> DiagnosticList {
        guard !workspace.isEmpty else { return list }
        var moved = DiagnosticList()
        for var diagnostic in list.sorted {
            if let file = diagnostic.location?.file {
                let path = URL(filePath: file).standardizedFileURL.path
                if path.hasPrefix(workspace + "/") {
                    diagnostic.location?.file = String(path.dropFirst(workspace.count + 1))
                }
            }
            moved.add(diagnostic)
        }
        return moved
    }
}

extension String {
    /// Writes all of the text, however long a reader takes. A reader that went away is no failure of this program.
    ///
    /// - Parameters:
    ///   - descriptor: Where to write.
    ///   - patience: How long to wait for a reader that reads nothing; nil waits for ever.
    /// - Returns: Why it could not be written, in the system's words; nil when it could.
    func writeAll(to descriptor: Int32, patience: Duration? = nil) -> String? {
        var text = self
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count > 0 {
                    done += count
                    continue
                }
                let failure = errno
                switch failure {
                case EINTR: continue
                case EAGAIN:
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    let count = poll(&ready, 1, patience.map { Int32($0.milliseconds) } ?? -1)
                    if count == 0 { return "what reads from it has stopped reading" }
                case EPIPE: return nil
                default: return String(cString: strerror(failure))
                }
            }
            return nil
        }
    }
}
