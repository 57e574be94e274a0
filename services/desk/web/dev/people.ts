export interface MadeUpPerson {
  readonly name: string;
  readonly code: string;
  readonly language: string;
  readonly subject: string;
  readonly said: readonly string[];
  readonly answered?: string;
  // Seconds since the last word.
  readonly waited: number;
}

const person = (name: string, code: string, language: string, subject: string, waited: number, said: readonly string[], answered?: string): MadeUpPerson => ({
  name,
  code,
  language,
  subject,
  waited,
  said,
  answered,
});

export const PEOPLE: readonly MadeUpPerson[] = [
  person("Salma", "K7Q2", "en", "rent", 120, []),
  person("", "M4T9", "ar", "papers", 260, ["السلام عليكم، انتهت إقامتي الشهر الماضي ولا أعرف إلى أين أذهب"]),
  person("Abu Yousef", "B2X8", "ar", "cash", 75, ["هل ما زال اسمي في القائمة؟"]),
  person("Christodoulos Papadimitriou-Vassilopoulos", "W9D1", "en", "papers", 30, ["Good morning", "I have a question about my brother's permit"]),
  person("", "H3L6", "en", "safety", 15, ["I cannot talk now. Can you write instead?"], "Of course. I am here. Write whenever you can."),
  person("နန်းစု", "Z5R7", "my", "cash", 8, ["မင်္ဂလာပါ၊ အကူအညီလိုပါတယ်"]),
  person("Mulugeta", "C8V4", "am", "papers", 190, ["ሰላም፣ ስለ መታወቂያ ወረቀቴ ልጠይቅ ፈልጌ ነበር"]),
  person("सुनीता", "P6N3", "hi", "cash", 40, ["नमस्ते, मेरा पैसा अभी तक नहीं आया"], "मैं देख रही हूँ, एक मिनट।"),
  person("", "Y1G5", "ar", "rent", 610, ["المالك غيّر القفل"]),
  person("Ibrahim", "J7S2", "en", "rent", 5, ["ok thank you"], "You are welcome. Is there anything else?"),
  person("Layal", "D4F8", "ar", "safety", 22, ["شكرًا لك"], "العفو، نحن هنا متى احتجت"),
  person("Oleksandr", "T2K9", "en", "papers", 900, ["Hello? Is somebody there?"]),
  person("", "E6B1", "ar", "safety", 140, ["أنا وأولادي في الخارج الآن", "هل يوجد مأوى قريب؟"]),
];

export const LONG_STORY = `Good evening. I am writing because I do not know whom else to ask. We are five in the house: my husband, our three children and I. We came here in 2014 and since then we have lived in the same building, on the second floor, and we have always paid, even in the months when there was no work, because my sister sent us something from abroad.

Last week the owner came in the evening when only the children and I were at home. He said that he has found other people who pay in dollars and that we must be out by the end of the month. I told him that we have a contract, but he laughed and said a contract is only paper. On Sunday he came again with two men, and they stood in front of the door for a long time and did not say anything. My daughter is nine and since then she does not want to go to school, because she is afraid that we will not be there any more when she comes back.

My husband works at night in a bakery. He says we should just go, he does not want trouble, because his residence paper ends soon and he is afraid that somebody calls the police. But where should we go? In the whole street there is nothing that we can pay. I asked in the next village and they wanted six months in advance. I still have the contract and all the receipts, I keep them in a box, and I have a message in which he thanks us for the rent of September.

Please tell me three things if you can. First, is he allowed to do this at all, in the middle of the winter, with children in the house? Second, if he comes again with these men, what should I do, whom can I call, and will they ask for our papers? Third, is there any help with the rent for one or two months, until my husband has his new paper and can look for work in the day again?

I am sorry that this is so long. I have written it four times and deleted it again. I have little credit on this phone and the electricity comes only for two hours, so if I do not answer, please do not think that I am not there. I read everything as soon as I can. You can write in English or in Arabic, both are fine, my eldest son helps me. Thank you for reading this.`;
