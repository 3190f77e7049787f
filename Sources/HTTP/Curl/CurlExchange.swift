import CCurl
import Dispatch
import Synchronization

/// Sends requests with libcurl, on one thread that exists while requests are in flight.
package final class CurlExchange: HTTPExchange {
    private struct State {
        var waiting: [(transfer: CurlTransfer, timeout: Duration)] = []
        var isDriving = false
    }

    private let options: TransportOptions
    private let library: CurlLibrary
    private let multi: Multi
    private let state = Mutex(State())
    private let memory: MemoryLimit
    private let queue = DispatchQueue(label: "promptreg.transfers")

    /// An exchange.
    ///
    /// - Parameter options: How connections are made.
    /// - Throws: `HTTPError` when the machine has no libcurl.
    package init(_ options: TransportOptions = TransportOptions()) throws(HTTPError) {
        guard let library = CurlLibrary.shared, let multi = Multi(library) else {
            throw HTTPError(
                .failed, "libcurl.so.4, which sends requests, cannot be loaded",
                hint: "install it, on Debian with: apt-get install libcurl4")
        }
        self.options = options
        self.library = library
        self.multi = multi
        memory = MemoryLimit(options.maximumTogether)
    }

    package func send(
        _ request: HTTPRequest, within timeout: Duration
    ) async throws(TransportError) -> HTTPResponse {
        let cancellation = CurlTransfer.CancellationFlag()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let transfer = CurlTransfer(
                    request, library: library, options: options, cancellation: cancellation,
                    share: MemoryShare(of: memory), continuation: continuation)
                begin(transfer, within: timeout)
            }
        } onCancel: {
            cancellation.set()
            multi.wakeUp()
        }
        return try outcome.get()
    }

    package func proxySecrets(for url: HTTPURL) -> [Secret]? {
        options.proxy(for: url) == nil ? nil : options.proxySecrets(for: url)
    }

    private func begin(_ transfer: CurlTransfer, within timeout: Duration) {
        let isDriven = state.withLock { state in
            state.waiting.append((transfer, timeout))
            defer { state.isDriving = true }
            return state.isDriving
        }
        if isDriven {
            multi.wakeUp()
        } else {
            queue.async { self.drive() }
        }
    }

    /// Drives transfers until there are none left.
    private func drive() {
        var inFlight: [UnsafeMutableRawPointer: CurlTransfer] = [:]
        while let arrived = takeWaiting(orStopIf: inFlight.isEmpty) {
            for (transfer, timeout) in arrived {
                guard let handle = transfer.makeHandle(sockets: multi.sockets, timeout: timeout) else {
                    transfer.fail(.other, "out of memory")
                    continue
                }
                guard multi.add(handle) else {
                    transfer.fail(.other, "libcurl accepts no further transfer")
                    continue
                }
                inFlight[handle] = transfer
            }
            multi.perform()
            while let (handle, result) = multi.nextEnded() {
                multi.remove(handle)
                inFlight.removeValue(forKey: handle)?.finish(result)
            }
            for (handle, transfer) in inFlight where transfer.isCancelled {
                multi.remove(handle)
                inFlight.removeValue(forKey: handle)?.fail(.cancelled)
            }
            if !inFlight.isEmpty { multi.wait() }
        }
    }

    private func takeWaiting(orStopIf isIdle: Bool) -> [(CurlTransfer, Duration)]? {
        state.withLock { state in
            if isIdle, state.waiting.isEmpty {
                state.isDriving = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting.map { ($0.transfer, $0.timeout) }
        }
    }
}

extension CurlExchange {
    /// libcurl's set of transfers, which share connections.
    private final class Multi: @unchecked Sendable {
        // Unchecked: only the driving thread uses it, except for `wakeUp`, which any thread may call.
        let sockets = CurlSockets()
        private let library: CurlLibrary
        private let handle: UnsafeMutableRawPointer

        init?(_ library: CurlLibrary) {
            guard let handle = library({ $0.pointee.multi_init() }) else { return nil }
            self.library = library
            self.handle = handle
        }

        deinit {
            _ = library { $0.pointee.multi_cleanup(handle) }
        }

        /// Starts a transfer; false when that fails.
        func add(_ transfer: UnsafeMutableRawPointer) -> Bool {
            library { $0.pointee.multi_add_handle(handle, transfer) } == 0
        }

        func remove(_ transfer: UnsafeMutableRawPointer) {
            _ = library { $0.pointee.multi_remove_handle(handle, transfer) }
        }

        func perform() {
            var running: CInt = 0
            _ = library { $0.pointee.multi_perform(handle, &running) }
        }

        /// Waits until a transfer can continue, or `wakeUp` is called.
        func wait() {
            sockets.acknowledgeQuickly()
            _ = library { $0.pointee.multi_poll(handle, nil, 0, 1000, nil) }
        }

        func wakeUp() {
            _ = library { $0.pointee.multi_wakeup(handle) }
        }

        /// The next transfer that has ended, and how.
        func nextEnded() -> (transfer: UnsafeMutableRawPointer, result: CInt)? {
            var left: CInt = 0
            guard let message = library({ $0.pointee.multi_info_read(handle, &left) }),
                let transfer = message.pointee.transfer
            else { return nil }
            return (transfer, message.pointee.data.result)
        }
    }
}
