/**
 * Names that look alike: the skeletons of UTS #39, section 4, by Unicode's table of confusable characters.
 *
 * @module
 */
import { withoutUnseen } from "../safe_text.ts";
import type { Contact } from "./contacts.ts";

/**
 * The contact whose name a new name could be taken for, though it is another one.
 *
 * @param name of somebody whom no contact's name stands for
 */
export async function lookAlike(
  contacts: readonly Contact[],
  name: string,
): Promise<Contact | undefined> {
  // The table is large, and only somebody new needs it.
  const { default: confusables } = await import("unhomoglyph");
  const skeleton = (text: string) =>
    confusables(withoutUnseen(text).normalize("NFD")).normalize("NFD").toLowerCase().trim();
  const own = skeleton(name);
  return contacts.find((contact) => skeleton(contact.name) === own);
}
