import CCurl

/// Sets options of a transfer.
struct OptionSetter {
    let calls: UnsafePointer<curl_calls>
    let handle: UnsafeMutableRawPointer

    func set(_ option: Int, _ value: Int) {
        _ = curl_set_long(calls, handle, CInt(option), value)
    }

    func set(_ option: Int, _ value: UnsafeRawPointer?) {
        _ = curl_set_pointer(calls, handle, CInt(option), value)
    }

    func set(_ option: Int, _ value: String) {
        _ = value.withCString { curl_set_pointer(calls, handle, CInt(option), $0) }
    }

    func set(_ option: Int, _ function: CurlDataFunction) {
        _ = curl_set_data_function(calls, handle, CInt(option), function)
    }
}
