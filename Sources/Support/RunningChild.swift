import Glibc

/// A program that runs, and what it has printed so far.
struct RunningChild {
    /// One of the program's two outputs.
    struct Stream {
        private let pipe: Pipe
        private var bytes: [UInt8] = []
        /// What to wait for; nothing once the program has closed it.
        private(set) var state: pollfd

        init(_ pipe: Pipe) {
            self.pipe = pipe
            state = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
        }

        /// All that was read; bytes that are no UTF-8 are replaced.
        var text: String { String(decoding: bytes, as: UTF8.self) }
        /// Whether the program has closed it.
        var isAtEnd: Bool { state.fd < 0 }

        /// Reads what there is.
        mutating func read(limit: Int) throws(ChildProcessError) {
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
                let count = Glibc.read(pipe.readEnd, buffer.baseAddress, buffer.count)
                if count > 0 { bytes += buffer[..<count] }
                return count
            }
            if bytes.count > limit { throw .tooMuchOutput(limit: limit) }
            if count == 0 || (count < 0 && errno != EINTR) { state.fd = -1 }
        }
    }

    /// How long a program may take to end once it was asked to.
    private static let grace = Duration.milliseconds(500)

    private let process: pid_t
    private(set) var output: Stream
    private(set) var errors: Stream

    /// A program that was just started, as the leader of a process group.
    init(_ process: pid_t, _ output: Pipe, _ errors: Pipe) {
        self.process = process
        self.output = Stream(output)
        self.errors = Stream(errors)
    }

    /// Whether the program has ended; it stays to be reaped, so that its number is nobody else's.
    private var hasEnded: Bool {
        var info = siginfo_t()
        let failed = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) != 0
        return failed ? errno != EINTR : info.si_signo != 0
    }

    /// Reads what the program prints, until it ends.
    ///
    /// - Parameters:
    ///   - deadline: How long to wait.
    ///   - cancellation: Its write end is closed to give up.
    ///   - outputLimit: How many bytes of each output to take.
    /// - Throws: `ChildProcessError`; the program still runs.
    mutating func wait(
        until deadline: ContinuousClock.Instant, _ cancellation: Pipe, outputLimit: Int
    ) throws(ChildProcessError) {
        var pause: UInt32 = 50
        while true {
            let hasEnded = hasEnded
            let isAtEnd = output.isAtEnd && errors.isAtEnd
            if hasEnded && isAtEnd { return }
            var states = [
                output.state, errors.state, pollfd(fd: cancellation.readEnd, events: 0, revents: 0),
            ]
            // Another program may hold the outputs open, so that their end does not tell the end of this one.
            let count = poll(&states, 3, hasEnded || isAtEnd ? 0 : 20)
            if states[2].revents != 0 { throw .cancelled }
            if count > 0 {
                if states[0].revents != 0 { try output.read(limit: outputLimit) }
                if states[1].revents != 0 { try errors.read(limit: outputLimit) }
                continue
            }
            if hasEnded { return }
            if ContinuousClock.now >= deadline { throw .timedOut }
            if isAtEnd {
                usleep(pause)
                pause = min(pause * 2, 20_000)
            }
        }
    }

    /// Ends the program and all that it started, which are asked first and then made to. It stays to be reaped.
    func end() {
        kill(-process, SIGTERM)
        waitForEnd()
        kill(-process, SIGKILL)
        waitForEnd()
    }

    private func waitForEnd() {
        let limit = ContinuousClock.now + Self.grace
        while !hasEnded && ContinuousClock.now < limit { usleep(2_000) }
    }

    /// Takes the exit code of a program that has ended.
    ///
    /// - Parameter options: What `waitpid` is to do.
    /// - Returns: The code; for a program that a signal ended, 128 and the signal's number.
    @discardableResult
    func reap(_ options: Int32 = 0) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, options) < 0 {
            guard errno == EINTR else { return -1 }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }
}
