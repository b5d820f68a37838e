// The names of properties that the client's builds must keep, because somebody else knows them. All others are its own, and
// get short ones.
import ts from 'typescript'

const PROJECT = 'tsconfig.client.json'
const OWN = /\/lib\/(client\/|channels|protocol)/
// What is declared here is spoken to the application, the server, or another tab.
const SPOKEN = /\/lib\/(channels|protocol|client\/(comet|env|errors|events|gap|options|share\/(protocol|worker)))\.ts$/

/**
 * All names that are declared by the browser, the language, or a file that is spoken; that stand as a text somewhere, by which
 * they may be looked up; and those of which nobody knows where they are declared.
 */
export function spokenNames () {
  const { config } = ts.readConfigFile(PROJECT, ts.sys.readFile)
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
  const program = ts.createProgram(fileNames, options)
  const checker = program.getTypeChecker()
  const names = new Set()
  const visit = (node) => {
    if ((ts.isStringLiteral(node) && !ts.isLiteralTypeNode(node.parent)) || (ts.isIdentifier(node) && isSpoken(node, checker))) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  program.getSourceFiles().filter(({ fileName }) => OWN.test(fileName)).forEach(visit)
  return [...names]
}

function isSpoken (name, checker) {
  const { parent } = name
  if (ts.isPropertyAccessExpression(parent)) return parent.name === name && isForeign(checker.getSymbolAtLocation(name))
  if (ts.isBindingElement(parent)) return (parent.propertyName ?? parent.name) === name && isForeign(propertyOf(typeOfPattern(parent.parent, checker), name, checker))
  if (parent.name !== name || !(ts.isObjectLiteralElement(parent) || ts.isTypeElement(parent))) return false
  const type = ts.isObjectLiteralExpression(parent.parent) && checker.getContextualType(parent.parent)
  return type ? isForeign(propertyOf(type, name, checker)) : isForeignDeclaration(parent)
}

function typeOfPattern ({ parent }, checker) {
  if (ts.isVariableDeclaration(parent)) return checker.getTypeAtLocation(parent.initializer)
  if (ts.isBindingElement(parent)) return checker.getTypeOfSymbol(propertyOf(typeOfPattern(parent.parent, checker), parent.propertyName, checker))
  return checker.getTypeOfSymbol(checker.getSignatureFromDeclaration(parent.parent).parameters[parent.parent.parameters.indexOf(parent)])
}

function propertyOf (type, name, checker) {
  return (type.types ?? [type]).map((one) => checker.getPropertyOfType(checker.getApparentType(one), name.text)).find(Boolean)
}

/** A property without a symbol is one of `any`, or looked up in an index. */
function isForeign (symbol) {
  return symbol?.declarations?.some(isForeignDeclaration) ?? true
}

function isForeignDeclaration (declaration) {
  const { fileName } = declaration.getSourceFile()
  const isPrivate = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private
  return !isPrivate && (SPOKEN.test(fileName) || !OWN.test(fileName))
}
