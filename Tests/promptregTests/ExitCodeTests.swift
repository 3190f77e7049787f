import Execution
import Glibc
import Prompts
import Testing

@testable import promptreg

@Suite struct ExitCodeTests {
    @Test(arguments: [
        (RegistryError.Code.invalidAddress, ExitCode.usage), (.unreachable, .unreachable),
        (.notARegistry, .unreachable), (.corrupt, .unreachable), (.storageFull, .unreachable),
        (.failed, .unreachable), (.unauthenticated, .notPermitted), (.permissionDenied, .notPermitted),
        (.stalePlan, .stale), (.notFound, .failed), (.nameTaken, .failed), (.conflict, .failed),
        (.invalidValue, .failed),
    ])
    func everyErrorOfARegistryHasACode(code: RegistryError.Code, exit: ExitCode) {
        #expect(ExitCode(RegistryError(code, "x")) == exit)
    }

    @Test func aDamagedPromptIsAPromptThatFailed() {
        var error = RegistryError(.corrupt, "x")
        error.prompt = "c.s.prompt_a"
        #expect(ExitCode(error) == .failed)
    }

    @Test func signalsHaveTheShellsCodes() {
        #expect(ExitCode(signal: SIGINT).rawValue == 130 && ExitCode(signal: SIGTERM).rawValue == 143)
    }

    @Test(arguments: [
        (RunVerdict.ok, ExitCode.done), (.failed, .failed), (.invalidInput, .invalidInput),
        (.error(RegistryError(.unauthenticated, "x")), .notPermitted),
        (.interrupted(signal: SIGINT), .interrupted),
        (.interrupted(signal: SIGTERM), .terminated),
    ])
    func everyVerdictHasACode(verdict: RunVerdict, exit: ExitCode) {
        #expect(ExitCode(verdict) == exit)
    }
}
