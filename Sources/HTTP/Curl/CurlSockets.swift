import CCurl
import Glibc

/// The sockets of libcurl's connections. Only the thread that drives the transfers uses them.
///
/// An MLflow server sends the body of an answer only after its head was acknowledged. On a connection in use, Linux
/// delays that by 40 ms, unless asked before each answer to acknowledge at once.
final class CurlSockets {
    private var descriptors: Set<CInt> = []

    /// Has libcurl report the sockets of a transfer.
    func watch(_ setter: OptionSetter) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = curl_set_socket_function(
            setter.calls, setter.handle, CInt(curl_opt_socket_function)
        ) { context, descriptor, _ in
            if let context { sockets(context).descriptors.insert(descriptor) }
            return 0
        }
        setter.set(curl_opt_socket_data, context)
        _ = curl_set_close_function(
            setter.calls, setter.handle, CInt(curl_opt_close_socket_function)
        ) { context, descriptor in
            if let context { sockets(context).descriptors.remove(descriptor) }
            return close(descriptor)
        }
        setter.set(curl_opt_close_socket_data, context)
    }

    /// Has what arrives next acknowledged at once.
    func acknowledgeQuickly() {
        var isOn: CInt = 1
        for descriptor in descriptors {
            setsockopt(
                descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, &isOn, socklen_t(MemoryLayout<CInt>.size))
        }
    }
}

private func sockets(_ context: UnsafeMutableRawPointer) -> CurlSockets {
    Unmanaged<CurlSockets>.fromOpaque(context).takeUnretainedValue()
}
