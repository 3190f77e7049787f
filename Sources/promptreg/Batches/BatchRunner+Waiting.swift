import Execution
import HTTP
import Prompts
import Support

extension BatchRunner {
    /// Locks the registry, unless another run holds it for longer than the time limit.
    func lock(_ session: Session) async throws(RegistryError) {
        let (registry, deadline, console) = (session.registry, session.deadline, context.console)
        let waiting = Cancellations()
        let limit = Task {
            try await Task.sleep(for: deadline.remaining)
            waiting.cancelAll()
        }
        defer { limit.cancel() }
        do throws(RegistryError) {
            try await session.interruption.cancelling {
                await waiting.cancelling {
                    await Result<Void, RegistryError>(of: { () async throws(RegistryError) in
                        try await registry.beginRun {
                            console.note("waiting for another run on this registry to end")
                        }
                    })
                }
            }.get()
        } catch {
            guard session.interruption.signal == nil, deadline.remaining <= .zero else { throw error }
            throw RegistryError(.failed, error.message, hint: deadline.hint)
        }
    }
}
