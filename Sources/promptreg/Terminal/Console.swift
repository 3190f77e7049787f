import Support
import Glibc

/// Where the program writes: data to the standard output, all else to the standard error.
struct Console: Sendable {
    /// Whether the standard output may be coloured.
    let colorsOutput: Bool
    /// Whether the standard error may be coloured.
    let colorsErrors: Bool
    /// Whether the standard error is a terminal that can redraw a line.
    let isInteractive: Bool
    /// Whether only errors are written.
    let isQuiet: Bool
    /// Whether to say more; a quiet console never does.
    let isVerbose: Bool

    /// The console of this process.
    ///
    /// - Parameters:
    ///   - color: When to use colours.
    ///   - quiet: Whether only errors are written.
    ///   - verbose: Whether to say more.
    ///   - environment: Tells whether colours are wanted.
    init(color: ColorChoice, quiet: Bool = false, verbose: Bool = false, environment: [String: String]) {
        let isDumb = environment["TERM"] == "dumb"
        let wantsColor = environment["NO_COLOR", default: ""].isEmpty && !isDumb
        func colors(_ descriptor: Int32) -> Bool {
            switch color {
            case .always: true
            case .never: false
            case .auto: wantsColor && isatty(descriptor) == 1
            }
        }
        colorsOutput = colors(STDOUT_FILENO)
        colorsErrors = colors(STDERR_FILENO)
        isInteractive = isatty(STDERR_FILENO) == 1 && !isDumb
        isQuiet = quiet
        isVerbose = verbose && !quiet
    }

    /// Writes data. Output that cannot be delivered ends the program: whoever reads it must not take it for whole.
    func write(_ text: String) {
        guard let reason = text.writeAll(to: STDOUT_FILENO) else { return }
        error("the standard output cannot be written: \(reason)")
        exit(ExitCode.failed.rawValue)
    }

    /// Writes to the standard error, as it is.
    func writeError(_ text: String) { _ = text.writeAll(to: STDERR_FILENO) }

    /// Says something on the standard error, unless only errors are wanted.
    func note(_ text: String) { if !isQuiet { writeError(text.escapedForTerminal + "\n") } }

    /// Says something on the standard error when more is wanted.
    func detail(_ text: @autoclosure () -> String) {
        if isVerbose { writeError(text().escapedForTerminal + "\n") }
    }

    /// Reports a failure that is about no place in a file.
    func error(_ message: String, hint: String? = nil) {
        let label = colorsErrors ? "\u{1B}[1;31merror:\u{1B}[0m" : "error:"
        writeError("\(label) \(message.escapedForTerminal)\n")
        if let hint { writeError("    help: \(hint.escapedForTerminal)\n") }
    }

    /// Reports something that does not stop the work.
    func warning(_ message: String) {
        guard !isQuiet else { return }
        let label = colorsErrors ? "\u{1B}[1;33mwarning:\u{1B}[0m" : "warning:"
        writeError("\(label) \(message.escapedForTerminal)\n")
    }
}

extension String {
    /// Writes all of the text, however long a reader takes. A reader that went away is no failure of this program.
    ///
    /// - Parameter descriptor: Where to write.
    /// - Returns: Why it could not be written, in the system's words; nil when it could.
    func writeAll(to descriptor: Int32) -> String? {
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
                    _ = poll(&ready, 1, -1)
                case EPIPE: return nil
                default: return String(cString: strerror(failure))
                }
            }
            return nil
        }
    }
}
