import Glibc

extension Array {
    /// The elements in as many parts as there are processors to work on them, but no small ones: to tasks whose
    /// work is in the kernel, more of them would be of no use.
    var partsForProcessors: [ArraySlice<Element>] {
        let processors = Swift.max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let size = Swift.max(64, (count + processors - 1) / processors)
        return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
