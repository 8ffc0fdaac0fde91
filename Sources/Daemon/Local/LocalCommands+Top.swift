extension LocalCommands {
    mutating func addTop(_ board: OperationsBoard) {
        register("top.read", needs: .observe) { _ in try await board.figures() }
    }
}
