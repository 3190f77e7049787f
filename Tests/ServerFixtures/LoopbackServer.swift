import Glibc
import Synchronization

/// A server on this machine that says, byte for byte, what a test wants it to.
package final class LoopbackServer: Sendable {
    /// What becomes of a connection after a request.
    package enum Reaction: Sendable {
        /// These bytes are sent, and the connection is kept.
        case send(String)
        /// These bytes are sent, and the connection is closed.
        case sendAndClose([UInt8])
        /// The connection is closed without a word.
        case close
        /// Nothing happens until the client goes away.
        case hang
    }

    /// A request as it came.
    package struct Request: Sendable {
        /// The number of the connection, from 0.
        package var connection: Int
        /// The request's head, with its line ends.
        package var head: String
        /// The request's body.
        package var body: String
    }

    /// The port.
    package let port: Int
    private let listener: CInt
    private let log: RequestLog

    /// A server.
    ///
    /// - Parameter react: Says what to do, given the request and the number of requests before it.
    /// - Throws: When there is no socket to be had.
    package init(_ react: @escaping @Sendable (Request, Int) -> Reaction) throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        struct NoSocket: Error {}
        guard isBound else { throw NoSocket() }
        port = Int(UInt16(bigEndian: address.sin_port))
        let log = RequestLog()
        self.log = log
        self.listener = listener
        startThread {
            var count = 0
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Closed here, so that the number of the descriptor is not given to another server while this
                    // thread still accepts from it.
                    close(listener)
                    return
                }
                let number = count
                count += 1
                startThread { log.serve(connection, number, react) }
            }
        }
    }

    deinit { shutdown(listener, CInt(SHUT_RDWR)) }

    /// The address, with a path.
    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// The requests so far.
    package var requests: [Request] { log.requests }

    /// A whole answer with a body of JSON.
    package static func answer(_ body: String, _ headers: String = "") -> Reaction {
        .send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }
}

/// Serves connections, and notes what comes; threads may use it for longer than the server lives.
private final class RequestLog: Sendable {
    private let received = Mutex<[LoopbackServer.Request]>([])

    package var requests: [LoopbackServer.Request] { received.withLock { $0 } }

    package func serve(
        _ connection: CInt, _ number: Int,
        _ react: (LoopbackServer.Request, Int) -> LoopbackServer.Reaction
    ) {
        defer { close(connection) }
        while let request = read(connection, number) {
            let index = received.withLock { received in
                received.append(request)
                return received.count - 1
            }
            switch react(request, index) {
            case .send(let text): write(connection, Array(text.utf8))
            case .sendAndClose(let bytes):
                write(connection, bytes)
                return
            case .close: return
            case .hang:
                var byte: UInt8 = 0
                _ = recv(connection, &byte, 1, 0)
                return
            }
        }
    }

    private func read(_ connection: CInt, _ number: Int) -> LoopbackServer.Request? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            // How TLS begins.
            if buffer[0] == 0x16 { return LoopbackServer.Request(connection: number, head: "TLS", body: "") }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = String(text[..<end.lowerBound])
            let lengths = head.split(separator: "\r\n").filter {
                $0.lowercased().hasPrefix("content-length:")
            }
            let length = lengths.first.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
            let body = text[end.upperBound...]
            if body.utf8.count >= length {
                return LoopbackServer.Request(connection: number, head: head, body: String(body))
            }
        }
    }

    private func write(_ connection: CInt, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
        if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
        return nil
    }
    if pthread_create(&thread, nil, start, box) == 0 { pthread_detach(thread) }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? {
        let wanted = Array(part.utf8)
        return utf8.indices.first { utf8[$0...].starts(with: wanted) }.map {
            $0..<utf8.index($0, offsetBy: wanted.count)
        }
    }
}
