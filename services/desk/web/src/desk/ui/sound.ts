// Two short soft tones made by the browser itself. Browsers give sound only after the person has touched the page.

let context: AudioContext | undefined;

export function armSound(): void {
  const arm = () => {
    context ??= typeof AudioContext === "function" ? new AudioContext() : undefined;
    void context?.resume();
  };
  addEventListener("pointerdown", arm, { once: true, capture: true });
  addEventListener("keydown", arm, { once: true, capture: true });
}

const TONES = { offer: [587.33, 783.99, 587.33, 783.99], message: [659.25] } as const;

export function chime(kind: keyof typeof TONES): void {
  if (!context || context.state !== "running") return;
  const out = context.createGain();
  out.gain.value = 0.12;
  out.connect(context.destination);
  TONES[kind].forEach((frequency, i) => {
    const at = context!.currentTime + i * 0.18 + (i > 1 ? 0.35 : 0);
    const tone = context!.createOscillator();
    const envelope = context!.createGain();
    tone.frequency.value = frequency;
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(1, at + 0.02);
    envelope.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
    tone.connect(envelope).connect(out);
    tone.start(at);
    tone.stop(at + 0.32);
  });
}
