import CCurl
import FoundationEssentials
import Glibc
import Synchronization

/// One request in flight. All but its cancellation happens on the thread that drives the transfers.
final class CurlTransfer: @unchecked Sendable {
    // Unchecked: only the driving thread uses what changes; libcurl keeps pointers to some of it.
    private let library: CurlLibrary
    private let request: HTTPRequest
    private let options: TransportOptions
    private let continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>
    private let hasBeenCancelled: CancellationFlag

    private var handle: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutableRawPointer?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    private var sent = 0
    private var headers: [String: String] = [:]
    private var headLength = 0
    private var body: [UInt8] = []
    private let share: MemoryShare
    /// What is too large; nil while nothing is.
    private var excess: String?

    /// Says whether a transfer is to end early.
    final class CancellationFlag: Sendable {
        private let flag = Atomic(false)

        var isSet: Bool { flag.load(ordering: .acquiring) }

        func set() { flag.store(true, ordering: .releasing) }
    }

    init(
        _ request: HTTPRequest, library: CurlLibrary, options: TransportOptions,
        cancellation: CancellationFlag, share: MemoryShare,
        continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>
    ) {
        self.request = request
        self.library = library
        self.options = options
        self.share = share
        self.continuation = continuation
        hasBeenCancelled = cancellation
        errorText.initialize(repeating: 0, count: 256)
    }

    deinit { errorText.deallocate() }

    /// Whether the caller has given up.
    var isCancelled: Bool { hasBeenCancelled.isSet }

    // MARK: - Setting up

    /// Makes libcurl's handle for it; nil when there is no memory for one.
    func makeHandle(sockets: CurlSockets, timeout: Duration) -> UnsafeMutableRawPointer? {
        library { calls -> UnsafeMutableRawPointer? in
            guard let made = calls.pointee.easy_init() else { return nil }
            handle = made
            let setter = OptionSetter(calls: calls, handle: made)
            let context = Unmanaged.passUnretained(self).toOpaque()
            setter.set(curl_opt_error_buffer, errorText)
            setter.set(curl_opt_no_signal, 1)
            // A cancelled transfer does not wait for name resolution. Older libcurls do not know this option.
            setter.set(curl_opt_quick_exit, 1)
            setter.set(curl_opt_protocols, curl_protocols_http_and_https)
            setter.set(curl_opt_url, request.url.text)
            // An empty one keeps libcurl from looking for one by itself; it still honours no_proxy.
            setter.set(curl_opt_proxy, options.proxy(for: request.url)?.reveal() ?? "")
            setter.set(curl_opt_suppress_connect_headers, 1)
            setter.set(curl_opt_timeout_ms, milliseconds(timeout))
            setter.set(curl_opt_connect_timeout_ms, milliseconds(min(timeout, options.connectTimeout)))
            setter.set(curl_opt_idle_seconds, options.idleSeconds)
            setter.set(curl_opt_accept_encoding, "")
            setter.set(curl_opt_user_agent, options.userAgent)
            setUpTLS(setter)
            setUpBody(setter, context)
            setUpHeaders(setter)
            setter.set(curl_opt_header_function, receiveHeader)
            setter.set(curl_opt_header_data, context)
            setter.set(curl_opt_write_function, receiveBody)
            setter.set(curl_opt_write_data, context)
            sockets.watch(setter)
            return made
        }
    }

    private func setUpTLS(_ setter: OptionSetter) {
        if let path = options.authorities {
            var status = stat()
            let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            // Both of the system's, the file and the folder, are replaced.
            setter.set(curl_opt_ca_file, nil)
            setter.set(curl_opt_ca_folder, nil)
            setter.set(isFolder ? curl_opt_ca_folder : curl_opt_ca_file, path)
        }
        if let path = options.clientCertificate { setter.set(curl_opt_client_certificate, path) }
        if !options.verifiesServer {
            setter.set(curl_opt_verify_peer, 0)
            setter.set(curl_opt_verify_host, 0)
        }
    }

    /// Sets the method and the body.
    ///
    /// libcurl silently repeats a request when a kept connection turns out to be closed, which a write must not be.
    /// It cannot repeat a body that it reads through a function and cannot rewind.
    private func setUpBody(_ setter: OptionSetter, _ context: UnsafeMutableRawPointer) {
        setter.set(curl_opt_custom_request, request.method.rawValue)
        if let body = request.body {
            setter.set(curl_opt_post, 1)
            setter.set(curl_opt_post_field_size, body.count)
            setter.set(curl_opt_read_function, provideBody)
            setter.set(curl_opt_read_data, context)
        } else if request.isWrite {
            setter.set(curl_opt_fresh_connect, 1)
        }
    }

    private func setUpHeaders(_ setter: OptionSetter) {
        var lines = request.headers.map { "\($0): \($1)" }
        lines += request.credentials.map { "\($0.name): \($0.value.reveal())" }
        // Otherwise a large body waits a second for a `100 Continue` that most servers never send.
        lines.append("Expect:")
        if request.body != nil, !request.headers.keys.contains(where: { $0.lowercased() == "content-type" }) {
            lines.append("Content-Type: application/json")
        }
        for line in lines where !line.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
            headerList = setter.calls.pointee.slist_append(headerList, line) ?? headerList
        }
        setter.set(curl_opt_http_header, headerList)
    }

    private func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }

    // MARK: - In flight

    /// Gives libcurl more of the body.
    fileprivate func provide(to buffer: UnsafeMutableRawPointer, _ room: Int) -> Int {
        guard let body = request.body else { return 0 }
        let count = min(room, body.count - sent)
        body.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { buffer.copyMemory(from: start + sent, byteCount: count) }
        }
        sent += count
        return count
    }

    /// Takes one header line of the answer; false when there are too many.
    fileprivate func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headLength += line.count
        guard headLength <= options.maximumHead else {
            excess = "its head has more than \(options.maximumHead) bytes"
            return false
        }
        add(line)
        return true
    }

    private func add(_ line: UnsafeRawBufferPointer) {
        // An interim answer, such as `100 Continue`, is followed by another head.
        if line.starts(with: "HTTP/".utf8) {
            headers = [:]
            return
        }
        let text = String(decoding: line, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headers[text[..<colon].lowercased()] = String(value.prefix { !$0.isNewline })
    }

    /// Takes more of the answer's body; false when it is too large.
    fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if body.count + bytes.count > options.maximumAnswer {
            excess = "more than \(options.maximumAnswer) bytes"
        } else if !share.grow(by: bytes.count) {
            excess = "more than \(options.maximumTogether) bytes together with other answers"
        } else {
            body.append(contentsOf: bytes)
            if let receiver = request.receiver, 200..<300 ~= get(curl_info_status) {
                receiver.receive(bytes)
            }
        }
        return excess == nil
    }

    // MARK: - Ending

    /// Ends a transfer that libcurl finished with a result.
    func finish(_ result: CInt) {
        let outcome: Result<HTTPResponse, TransportError> =
            if result == CInt(curl_ok) {
                .success(
                    HTTPResponse(
                        status: get(curl_info_status), headers: headers, body: body, share: share))
            } else {
                .failure(error(of: result))
            }
        end(outcome)
    }

    /// Ends a transfer that libcurl does not know, or no longer.
    func fail(_ kind: TransportError.Kind, _ detail: String = "") {
        end(.failure(TransportError(kind, detail)))
    }

    private func end(_ outcome: Result<HTTPResponse, TransportError>) {
        library { calls in
            if let handle { calls.pointee.easy_cleanup(handle) }
            calls.pointee.slist_free_all(headerList)
        }
        handle = nil
        headerList = nil
        continuation.resume(returning: outcome)
    }

    private func error(of result: CInt) -> TransportError {
        if let excess { return TransportError(.tooLarge, excess) }
        // libcurl's own limit for the lines of a head, which older ones tell as a lack of memory.
        if [curl_out_of_memory, curl_too_large].contains(Int(result)), body.isEmpty {
            return TransportError(.tooLarge, "its head has a line that is too long for libcurl")
        }
        let described = library { calls in
            errorText[0] == 0 ? calls.pointee.easy_strerror(result) : UnsafePointer(errorText)
        }
        var detail = TextExcerpt.of(
            described.map { String(cString: $0) } ?? "", hiding: options.proxySecrets(for: request.url))
        if options.proxy(for: request.url) != nil { detail += "; the environment names a proxy" }
        return TransportError(kind(of: result, detail), detail)
    }

    private func kind(of result: CInt, _ detail: String) -> TransportError.Kind {
        // A proxy that gave no tunnel; a failure of its own may be transient.
        let proxyStatus = get(curl_info_connect_code)
        let mayPass = proxyStatus >= 500 || proxyStatus == 408 || proxyStatus == 429
        if proxyStatus >= 300 { return mayPass ? .couldNotConnect : .refusedByProxy }
        return switch Int(result) {
        case curl_could_not_resolve_host, curl_could_not_resolve_proxy: .unknownHost
        case curl_could_not_connect, curl_proxy_failed: .couldNotConnect
        case curl_timed_out: get(curl_info_request_size) == 0 ? .couldNotConnect : .timedOut
        case curl_tls_handshake_failed where Self.plainAnswers.contains(where: detail.contains): .withoutTLS
        case curl_tls_handshake_failed:
            // The network may fail, or the server close the connection, during a handshake, too.
            get(curl_info_errno) != 0 || Self.brokenHandshakes.contains(where: detail.contains)
                ? .couldNotConnect : .untrusted
        case curl_certificate_refused, curl_client_certificate_unusable,
            curl_cipher_unusable, curl_ca_file_unusable, curl_crl_unusable,
            curl_issuer_refused, curl_pinned_key_refused,
            curl_certificate_status_refused:
            .untrusted
        case curl_got_nothing, curl_send_failed, curl_receive_failed,
            curl_partial_answer, curl_rewind_refused, curl_http2_failed,
            curl_http2_stream_failed:
            .connectionLost
        default: .other
        }
    }

    /// What OpenSSL and GnuTLS say when a connection is closed during a handshake.
    private static let brokenHandshakes = ["SSL_ERROR_SYSCALL", "unexpected eof", "non-properly terminated"]

    /// What OpenSSL and GnuTLS say when something other than TLS answers.
    private static let plainAnswers = [
        "wrong version number", "packet length too long", "unexpected TLS packet",
    ]

    private func get(_ info: Int) -> Int {
        guard let handle else { return 0 }
        var value = 0
        _ = library { calls in curl_get_long(calls, handle, CInt(info), &value) }
        return value
    }
}

// MARK: - What libcurl calls

private func transfer(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
}

private let provideBody: CurlDataFunction = { data, size, count, context in
    guard let data, let context else { return 0 }
    return transfer(context).provide(to: data, size * count)
}

private let receiveHeader: CurlDataFunction = { data, size, count, context in
    guard let data, let context else { return 0 }
    let isTaken = transfer(context).takeHeader(UnsafeRawBufferPointer(start: data, count: size * count))
    return isTaken ? size * count : 0
}

private let receiveBody: CurlDataFunction = { data, size, count, context in
    guard let data, let context else { return 0 }
    let isTaken = transfer(context).takeBody(UnsafeRawBufferPointer(start: data, count: size * count))
    return isTaken ? size * count : 0
}

/// A function that takes or provides bytes.
typealias CurlDataFunction =
    @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int
